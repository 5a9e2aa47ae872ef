import type { Who } from '../state/session.svelte.ts'
import type { Ticket } from '../view/route.ts'
import { api, ask } from './client.ts'
import { Problem } from './problem.ts'
import type { components } from './schema.d.ts'

/** Who is signed in; null for nobody. @throws Problem when the server does not say */
export async function readSession(): Promise<Who | null> {
  try {
    return whoOf(await ask(api.GET('/session')))
  } catch (error) {
    if (error instanceof Problem && error.status === 401) return null
    throw error
  }
}

export async function beginSession(ticket: Ticket): Promise<Who> {
  return whoOf(await ask(api.POST('/session', { body: ticket })))
}

export async function endSession(): Promise<void> {
  await ask(api.DELETE('/session'))
}

const whoOf = ({ name, admin, partnerId }: components['schemas']['Session']): Who => ({
  name,
  isAdmin: admin,
  partnerId,
})
