import { writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CLIENT_SCHEMA, clientSchema } from './api-client/schema.ts'

/** `npm run client`: the types of the HTTP API, for openapi-fetch in the dashboard. */
writeFileSync(fileURLToPath(CLIENT_SCHEMA), await clientSchema())
