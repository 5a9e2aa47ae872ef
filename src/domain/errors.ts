/**
 * Who has to act. The class decides whether a call is tried again; the text of an answer never does.
 *
 * - `usage`: the command was called wrongly (exit 2)
 * - `config`: a setting or the installation must change
 * - `auth`: a credential was refused; trying again wastes calls until a person changed it
 * - `transient`: the network or the provider stumbled; another try may work
 * - `rate_limited`: the provider, or our own ledger, says "not now"
 * - `provider_bug`: an answer that breaks the provider's own rules (HTML with status 200, cut-off JSON)
 * - `ours`: the database could not take it, or startlist is wrong
 */
export type ErrorClass = 'usage' | 'config' | 'auth' | 'transient' | 'rate_limited' | 'provider_bug' | 'ours'

/** Every stable code, its class, and what a person can do. Codes are API: add, never rename. */
export const ERROR_CODES = {
  USAGE: { class: 'usage', hint: 'Run the command with --help.' },
  NO_SUCH_PARTNER: { class: 'usage', hint: 'startlist partners list shows the ids.' },
  NO_SUCH_EVENT: {
    class: 'usage',
    hint: 'startlist events list shows the ids; startlist discover looks for new ones.',
  },
  NO_SUCH_CREDENTIAL: { class: 'usage', hint: 'startlist credentials list shows the ids.' },
  NO_SUCH_TOKEN: { class: 'usage', hint: 'startlist tokens list shows the ids.' },
  NO_SUCH_HOLD: { class: 'usage', hint: 'startlist holds lists those that wait for a decision.' },
  NO_SUCH_REJECT: { class: 'usage', hint: 'startlist rejects list shows the ids.' },
  NO_SUCH_MARK: { class: 'usage', hint: 'startlist marks --event ID shows those of the event.' },
  NO_SUCH_WEBHOOK: { class: 'usage', hint: 'startlist webhooks list shows the ids.' },
  MARK_EXISTS: {
    class: 'usage',
    hint: 'Give another name, or --move to set the mark of this name anew; what changed since its old place is then no longer told.',
  },
  CHANGES_GONE: {
    class: 'usage',
    hint: 'Read the whole start list anew, and go on from the position that it is of: startlist participants --event ID.',
  },
  ADDRESS_REFUSED: {
    class: 'usage',
    hint: 'Webhooks go to https:// addresses of the internet; STARTLIST_WEBHOOK_NETWORKS names private networks that they may go to as well.',
  },
  NO_SUCH_FREEZE: { class: 'usage', hint: 'startlist freeze list shows the ids.' },
  NO_SUCH_RUN: { class: 'usage', hint: 'startlist undo without a run lists those that changed something.' },
  BIB_CONFLICT: {
    class: 'usage',
    hint: 'No bib was changed. Correct them, or say --allow-duplicates where people share a bib.',
  },
  CHANGED_SINCE: {
    class: 'usage',
    hint: 'Nothing was taken back. --only-untouched takes back the others; undoing the later runs as well takes back all.',
  },
  BAD_INPUT: { class: 'usage', hint: 'Correct the value and run the command again.' },

  NO_SUCH_ROUTE: { class: 'usage', hint: '/v1/docs shows every address.' },
  NO_SUCH_PARTICIPANT: {
    class: 'usage',
    hint: "The event's list of participants shows the ids; startlist sync reads new ones.",
  },
  NO_SUCH_ACCOUNT: { class: 'usage', hint: 'The list of accounts shows the ids.' },
  METHOD_REFUSED: { class: 'usage', hint: '/v1/docs shows which methods an address has.' },
  SIGN_IN_NEEDED: {
    class: 'usage',
    hint: 'Send Authorization: Bearer and a token of startlist tokens create, or sign in.',
  },
  FOREIGN_ORIGIN: {
    class: 'usage',
    hint: 'Pages of another origin may not use the sign-in of a browser; a program sends a token.',
  },
  BODY_TOO_LARGE: { class: 'usage', hint: 'Send it in several parts.' },
  TOO_MANY_REQUESTS: {
    class: 'rate_limited',
    hint: 'Wait as Retry-After says; ETag and the stream of changes spare requests.',
  },
  STARTING: { class: 'config', hint: 'startlist is opening its database: try again in a few seconds.' },

  CONFIG_INVALID: {
    class: 'config',
    hint: 'startlist config shows what is in force; docs/configuration.md lists every variable.',
  },
  KEY_MISSING: {
    class: 'config',
    hint: 'Make one and keep it safe: export STARTLIST_KEY=$(head -c 32 /dev/urandom | base64)',
  },
  KEY_WRONG: {
    class: 'config',
    hint: 'Set STARTLIST_KEY to the key that this database was set up with, or the one that rotate-key made last.',
  },
  DATABASE_UNREACHABLE: {
    class: 'config',
    hint: 'Check DATABASE_URL and that PostgreSQL is running; startlist doctor tells more.',
  },
  DATABASE_READONLY: {
    class: 'config',
    hint: 'Name the primary server in DATABASE_URL, or let its role write: default_transaction_read_only is off there.',
  },
  DATABASE_TOO_OLD: { class: 'config', hint: 'startlist needs PostgreSQL 15 or later.' },
  SCHEMA_MISSING: { class: 'config', hint: 'Run startlist migrate.' },
  SCHEMA_NEWER: { class: 'config', hint: 'This database belongs to a later release: update startlist.' },
  SHADOWED: {
    class: 'config',
    hint: 'Go on with the release that shadowed it, or go live first: startlist shadow end (docs/cutover.md).',
  },
  LOCKED_OUT: {
    class: 'config',
    hint: 'End that session, or migrate at a quieter time: what is done stays done, and the rest goes on from there.',
  },
  ADOPTION_BLOCKED: {
    class: 'config',
    hint: 'Nothing was changed. docs/adoption.md says what to do about each.',
  },
  NO_WAY_BACK: {
    class: 'config',
    hint: 'Nothing was changed. Restore the dump from before the adoption, or let the scripts work on the tables as they are: docs/adoption.md.',
  },
  DOWN_BLOCKED: {
    class: 'config',
    hint: 'Nothing was changed. docs/adoption.md says what to do about each; startlist migrate --down --plan names them all.',
  },
  RIGHTS_MISSING: {
    class: 'config',
    hint: 'startlist migrate --plan prints the SQL for an administrator of the database.',
  },
  ISOLATION_MISSING: {
    class: 'config',
    hint: 'startlist doctor says what an administrator of the database has to do.',
  },
  PORT_TAKEN: {
    class: 'config',
    hint: 'Is startlist running already? Choose another port with --port, or none with --no-api.',
  },
  TOOL_MISSING: {
    class: 'config',
    hint: "Install PostgreSQL's client programs of the server's version; docs/operations.md tells how to copy an embedded database.",
  },
  TOOL_TOO_OLD: {
    class: 'config',
    hint: "Install PostgreSQL's client programs of the server's version, and put them first in PATH.",
  },
  TOOL_FAILED: {
    class: 'config',
    hint: 'Nothing was changed. Correct what it names and run the command again.',
  },
  BACKUP_DAMAGED: {
    class: 'config',
    hint: 'Do not work with this database: drop it, and restore another backup into an empty one.',
  },
  DATABASE_NOT_EMPTY: {
    class: 'config',
    hint: 'Nothing was changed. Make an empty database, and name it in DATABASE_URL.',
  },
  EMBEDDED_FAILED: {
    class: 'config',
    hint: 'See the log named above, or set DATABASE_URL to a PostgreSQL of your own.',
  },

  ALERT_UNDELIVERED: {
    class: 'config',
    hint: 'Check the alert settings in startlist config; startlist alerts test sends a message at once.',
  },

  WEBHOOK_UNDELIVERED: {
    class: 'transient',
    hint: 'Check the receiver; startlist webhooks test ID sends a message at once, and switches the webhook on again when it arrives.',
  },

  CREDENTIAL_REFUSED: {
    class: 'auth',
    hint: 'startlist credentials set-secret ID --secret-stdin, then credentials test.',
  },
  TOKEN_REFUSED: {
    class: 'auth',
    hint: 'The provider refuses a fresh token: check the account at the provider, then credentials test.',
  },
  FORBIDDEN: {
    class: 'auth',
    hint: 'The account may not read this: ask the organization to grant it at the provider.',
  },

  NETWORK: { class: 'transient', hint: 'startlist tries again; check the line if it goes on.' },
  TIMEOUT: { class: 'transient', hint: 'startlist tries again; check the line if it goes on.' },
  PROVIDER_DOWN: {
    class: 'transient',
    hint: 'The provider answers with a server error; startlist tries again.',
  },
  NOT_FOUND: { class: 'transient', hint: 'The provider does not know this address (any more).' },

  THROTTLED: {
    class: 'rate_limited',
    hint: 'The provider asks for a pause; startlist keeps it. --wait waits it out.',
  },
  QUOTA_SPENT: { class: 'rate_limited', hint: 'The hourly quota is used up; --wait waits for it.' },
  LAGGING: {
    class: 'rate_limited',
    hint: 'Connect again with Last-Event-ID: it goes on where this reader was.',
  },
  EXPORTS_BUSY: { class: 'rate_limited', hint: 'Try again when one of them has ended.' },
  CALLS_SPENT: {
    class: 'rate_limited',
    hint: 'This command makes only so many calls. What was read is stored; startlist sync or backfill goes on.',
  },
  LANE_BUSY: {
    class: 'rate_limited',
    hint: 'Another startlist process is using this account; try again in a minute.',
  },

  REDIRECT_REFUSED: {
    class: 'provider_bug',
    hint: 'The provider redirects where it should answer: check the API URL in startlist config.',
  },
  BAD_BODY: {
    class: 'provider_bug',
    hint: 'The provider answered with something that is not its API; startlist tries again.',
  },
  BAD_SHAPE: {
    class: 'provider_bug',
    hint: 'The answer has no list where one belongs; report it with startlist verify.',
  },
  REQUEST_REFUSED: {
    class: 'provider_bug',
    hint: 'The provider does not take this request: check the API URL in startlist config, else report it with the message.',
  },
  UNSTABLE_LIST: {
    class: 'provider_bug',
    hint: 'The list kept changing its page size; startlist tries again at the next sync.',
  },
  FOREIGN_LIST: {
    class: 'provider_bug',
    hint: 'The list belongs to another event; nothing was stored. startlist status shows the hold.',
  },

  INTERRUPTED: {
    class: 'rate_limited',
    hint: 'What was read is stored; run the command again and it goes on.',
  },

  FENCED: {
    class: 'ours',
    hint: 'Another process took this account over, or the database was restarted; nothing was lost. Run it again.',
  },
  FREEZE_BROKEN: {
    class: 'ours',
    hint: 'Somebody changed it in the database: startlist freeze verify says what, and a backup from before has it.',
  },
  DATABASE: { class: 'ours', hint: 'startlist doctor checks the database.' },
  INTERNAL: {
    class: 'ours',
    hint: 'This is a defect of startlist: please report it with the code and the log line.',
  },
} as const satisfies Record<string, { class: ErrorClass; hint: string }>

export type ErrorCode = keyof typeof ERROR_CODES

interface ErrorDetails {
  /** Replaces the table's advice where a better one is known. */
  hint?: string
  cause?: unknown
  /** Earliest instant, in ms since the epoch, at which another try makes sense. */
  retryAt?: number
  /** HTTP status of the refused answer, for the ledger. */
  status?: number
}

/** The one error that startlist throws on purpose: a stable code, what happened, and what to do. */
export class StartlistError extends Error {
  readonly code: ErrorCode
  readonly hint: string
  readonly retryAt: number | undefined
  readonly status: number | undefined

  constructor(code: ErrorCode, message: string, details: ErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'StartlistError'
    this.code = code
    this.hint = details.hint ?? ERROR_CODES[code].hint
    this.retryAt = details.retryAt
    this.status = details.status
  }

  get class(): ErrorClass {
    return ERROR_CODES[this.code].class
  }
}

/** The code of any thrown thing: a {@link StartlistError}'s own, else `INTERNAL`. */
export function codeOf(error: unknown): ErrorCode {
  return error instanceof StartlistError ? error.code : 'INTERNAL'
}
