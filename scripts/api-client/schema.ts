import openapiTS, { astToString } from 'openapi-typescript'
import { createV1 } from '../../src/api/v1/index.ts'

/** Where the dashboard looks for it; checked in, so that a build needs no generator. */
export const CLIENT_SCHEMA = new URL('../../web/src/api/schema.d.ts', import.meta.url)

const HEAD = '// Made by npm run client from the routes of src/api/v1. Not edited by hand.\n\n'

/** TypeScript of every route, as its OpenAPI document describes it. */
export async function clientSchema(): Promise<string> {
  const answer = await createV1(() => null).request('/openapi.json')
  return HEAD + astToString(await openapiTS(await answer.text(), { alphabetize: true }))
}
