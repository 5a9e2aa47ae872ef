import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { CLIENT_SCHEMA, clientSchema } from '../../../scripts/api-client/schema.ts'

it('the dashboard’s client is made from the routes as they are: npm run client', async () => {
  expect(readFileSync(CLIENT_SCHEMA, 'utf8')).toBe(await clientSchema())
})
