/** Stands where a secret stood. */
const CENSORED = '[secret]'

/** Shorter values are no secrets, and replacing them would garble every line. */
const SHORTEST = 4

/** Keys whose value is never logged, at any depth: secrets, what carries them, and what tells of people. */
const FORBIDDEN_KEYS =
  /^(.*(secret|password|passwd|api_?key)|authorization|cookie|set-cookie|headers?|body|raw(_?data)?|record|(access|refresh|id|bearer|oauth|tmp)_?(token|key)|token|key|first_?name|last_?name|middle_?name|email|phone|date_?of_?birth|dob|emergency_?contact|address)$/i

/** `name=value` of a URL or a form. */
const PARAMETERS =
  /(^|[?&;\s"'])((?:rsu_)?api_(?:key|secret)|tmp_(?:key|secret)|(?:access|refresh|id)_token|client_secret|secret|password)=[^&#\s"']*/gi
const URL_PASSWORD = /([a-z][a-z0-9+.-]*:\/\/[^\s:/?#@]*):[^\s/?#@]+@/gi
const BEARER = /\b(Bearer|Basic)\s+[\w.~+/=-]{8,}/gi
/** A token of startlist's own API. */
const API_TOKEN = /\bslt_[\w-]{20,}/g
const JWT = /\beyJ[\w-]{5,}\.[\w-]*\.[\w.-]+/g

const forms = new Set<string>()
let pattern: RegExp | null = null

/**
 * From now on no log line of this process shows the value: not as it is, not URL-encoded, not in base64, not even
 * inside a longer text's base64 (`Basic`). Values of fewer than 4 characters are ignored.
 */
export function registerSecret(value: string): void {
  if (value.length < SHORTEST) return
  const before = forms.size
  for (const form of formsOf(value)) if (form.length >= SHORTEST) forms.add(form)
  if (forms.size === before) return
  // Longest first, so that the whole value goes and not a part of it that is a secret too.
  const alternatives = [...forms].sort((a, b) => b.length - a.length).map(escapePattern)
  pattern = new RegExp(alternatives.join('|'), 'gi')
}

/** A text without registered secrets, secret URL parameters, URL passwords and tokens. */
export function scrubText(text: string): string {
  const known = pattern ? text.replace(pattern, CENSORED) : text
  return known
    .replace(PARAMETERS, `$1$2=${CENSORED}`)
    .replace(URL_PASSWORD, `$1:${CENSORED}@`)
    .replace(BEARER, `$1 ${CENSORED}`)
    .replace(JWT, CENSORED)
    .replace(API_TOKEN, CENSORED)
}

/** The same through all of a JSON value; members with a forbidden name lose their value whatever it is. */
export function scrub(value: unknown): unknown {
  if (typeof value === 'string') return scrubText(value)
  if (typeof value === 'number')
    return pattern && scrubText(String(value)) !== String(value) ? CENSORED : value
  if (Array.isArray(value)) return value.map(scrub)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      scrubText(key),
      FORBIDDEN_KEYS.test(key) && member !== null && typeof member !== 'boolean' ? CENSORED : scrub(member),
    ]),
  )
}

const escapePattern = (text: string) => text.replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&')

/** A value as it can appear in a text. Case is ignored when matching, for `%2f` and hex. */
function formsOf(value: string): string[] {
  const bytes = Buffer.from(value, 'utf8')
  const encoded = encodeURIComponent(value)
  return [
    value,
    JSON.stringify(value).slice(1, -1),
    encoded,
    encoded.replaceAll('%20', '+'),
    // As forms and OAuth encode it: more characters than encodeURIComponent does.
    new URLSearchParams([['', value]]).toString().slice(1),
    encoded.replace(/[!'()*~]/g, (c) => `%${c.charCodeAt(0).toString(16)}`),
    bytes.toString('hex'),
    ...base64Cores(bytes),
  ]
}

/**
 * The part of the base64 of any text around the value that depends on the value alone: three, because it can
 * start at each of the three positions of a base64 group.
 */
function base64Cores(bytes: Buffer): string[] {
  return [0, 1, 2].flatMap((offset) => {
    const padded = Buffer.concat([Buffer.alloc(offset), bytes])
    const first = Math.ceil((offset * 8) / 6)
    const last = Math.floor((padded.length * 8) / 6)
    const core = padded.toString('base64').slice(first, last)
    return [core, core.replaceAll('+', '-').replaceAll('/', '_')]
  })
}
