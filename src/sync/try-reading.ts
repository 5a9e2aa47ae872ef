import { type AccountUse, type Services, withAccount } from './open-account.ts'

/**
 * Shows that an account's token opens its events: one call, whose answer is not kept. Providers that take the secret
 * with every call have shown it when the secret was proven: none then.
 * @throws StartlistError `FORBIDDEN`, `TOKEN_REFUSED`, or what else the provider answers
 */
export async function tryReading(
  services: Services,
  accountId: number,
  use: Pick<AccountUse, 'signal'>,
): Promise<void> {
  await withAccount(services, accountId, { class: 'person', ...use }, async ({ account, connection }) => {
    if (services.config[account.provider].tokenUrl === undefined) return
    await connection.listEvents({ page: 1, perPage: connection.askEventsPageSize })
  })
}
