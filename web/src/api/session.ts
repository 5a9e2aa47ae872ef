import type { Who } from '../state/session.svelte.ts'
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

/** @param token of `startlist tokens create`, or what stands in the link that `startlist run` prints */
export async function beginSession(token: string): Promise<Who> {
  return whoOf(await ask(api.POST('/session', { body: { token } })))
}

export async function endSession(): Promise<void> {
  await ask(api.DELETE('/session'))
}

const whoOf = ({ name, admin, partnerId }: components['schemas']['Session']): Who => ({
  name,
  isAdmin: admin,
  partnerId,
})
