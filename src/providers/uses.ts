/**
 * What an adapter uses of its provider's API, for whoever compares it with a specification (`verify --spec`). It is a
 * declaration beside the code that makes the requests and reads the answers; test/providers/uses.test.ts watches both
 * and fails where they differ.
 */
export interface ApiUses {
  /** how requests say who asks, as OpenAPI names it; any of these does */
  security: readonly ('oauth2' | 'apiKeyHeader' | 'apiKeyQuery' | 'bearer')[]
  calls: readonly ApiCallUse[]
}

/** One kind of call. */
export interface ApiCallUse {
  method: 'GET'
  /** below the API's address, with `{}` for each id */
  path: string
  /** another list is read where an account lacks this one */
  optional?: boolean
  query: readonly ParameterUse[]
  /**
   * Fields of a record that the mapping reads, such as `participant.dob`. What stands in one group says the same in
   * other words: one of them is enough.
   */
  reads: readonly (readonly string[])[]
}

export interface ParameterUse {
  name: string
  /** the largest number that is asked for */
  most?: number
  /** the only values that are sent */
  values?: readonly string[]
  /** the request makes sense without it */
  optional?: boolean
}
