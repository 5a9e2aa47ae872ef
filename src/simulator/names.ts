import type { Rng } from './random.ts'

/**
 * What marks everything personal or secret that the simulator invents, one mark per script, so that a log or
 * a table can be searched for leaks. None of them occurs in real words, and the Latin one is long enough to be
 * improbable inside base64.
 */
export const MARKERS = {
  latin: 'zqxj',
  cyrillic: 'щъё',
  greek: 'ψξζ',
  arabic: 'ظژغ',
  chinese: '龘',
  japanese: 'ヰヱ',
  korean: '뷁',
  oneLetter: 'Ꝏ',
} as const

/**
 * Matches any text that holds an invented name, e-mail address, phone number, street, client secret or access
 * token, or a whole Basic header (where base64 hides the marker).
 */
export const MARKED =
  /[Zz]qxj|ZQXJ|щъё|ЩЪЁ|ψξζ|ΨΞΖ|ظژغ|龘|ヰヱ|뷁|Ꝏ|999\D{0,2}555\D?7\d{3}|Basic\s+[A-Za-z0-9+/]{16,}/u

/** Whether the text holds anything the simulator invented as personal or secret. */
export function isMarked(text: string): boolean {
  return MARKED.test(text)
}

/** An invented name in two parts, as the registration detail has it (Haku API notes 1.4). */
export interface Name {
  first: string
  last: string
}

const LATIN_HEADS = [
  'Ma',
  'Jo',
  'Él',
  'Ña',
  'Ø',
  'Bří',
  'Ka',
  'Lu',
  'Þó',
  'SSe',
  'Ağ',
  'Ő',
  'Vi',
  'Żó',
  'Ti',
  'Ru',
]
const LATIN_TAILS = [
  'elo',
  'ina',
  'ška',
  'ía',
  'ôme',
  'wen',
  'ard',
  'ù',
  'ström',
  'ić',
  'nh',
  'oux',
  'ez',
  'y',
]
const OTHERS = {
  cyrillic: { heads: ['Ма', 'И', 'Све', 'Ол'], tails: ['ова', 'ко', 'ин', 'ьев'] },
  greek: { heads: ['Α', 'Νι', 'Ελε', 'Γε'], tails: ['άκης', 'ίδου', 'ος', 'α'] },
  arabic: { heads: ['م', 'ال', 'نو', 'عب'], tails: ['يد', 'ان', 'ة', 'ري'] },
  chinese: { heads: ['王', '欧', '', '李'], tails: ['伟', '', '秀', '明'] },
  japanese: { heads: ['サ', 'たか', '田', 'ミ'], tails: ['コ', '橋', 'ろう', 'ナ'] },
  korean: { heads: ['김', '', '남궁', '이'], tails: ['민', '', '서', '준'] },
} as const
type OtherScript = keyof typeof OTHERS
const OTHER_SCRIPTS = Object.keys(OTHERS) as OtherScript[]

function latin(rng: Rng): string {
  const text = rng.pick(LATIN_HEADS) + MARKERS.latin + rng.pick(LATIN_TAILS)
  return text.charAt(0).toUpperCase() + text.slice(1)
}

function other(rng: Rng, script: OtherScript): string {
  return rng.pick(OTHERS[script].heads) + MARKERS[script] + rng.pick(OTHERS[script].tails)
}

const ODD: readonly ((rng: Rng) => Name)[] = [
  (rng) => ({ first: latin(rng), last: `${latin(rng)}-${latin(rng)}` }),
  (rng) => ({ first: `${latin(rng)}-${latin(rng)}`, last: latin(rng) }),
  (rng) => ({ first: latin(rng), last: `O'Zqxj${rng.pick(LATIN_TAILS)}` }),
  (rng) => ({ first: latin(rng), last: `D’Zqxj${rng.pick(LATIN_TAILS)}` }),
  (rng) => ({ first: latin(rng), last: `van der ${latin(rng)}` }),
  (rng) => ({ first: `${latin(rng)} ${latin(rng)}`, last: `${latin(rng)} Jr.` }),
  (rng) => ({ first: MARKERS.oneLetter, last: latin(rng) }),
  () => ({ first: MARKERS.oneLetter, last: MARKERS.chinese }),
  (rng) => ({ first: latin(rng), last: '' }),
  (rng) => ({ first: `${latin(rng)} 🏃🏽‍♀️`, last: latin(rng) }),
  (rng) => ({ first: latin(rng).repeat(12), last: latin(rng).repeat(18) }),
  (rng) => ({ first: latin(rng).toUpperCase(), last: latin(rng).toUpperCase() }),
]

/** An invented person's name: mostly Latin letters with diacritics, the rest spread over six scripts and odd forms. */
export function inventName(rng: Rng): Name {
  const draw = rng.next()
  if (draw < 0.65) return { first: latin(rng), last: latin(rng) }
  if (draw < 0.9) {
    const script = rng.pick(OTHER_SCRIPTS)
    return { first: other(rng, script), last: other(rng, script) }
  }
  return rng.pick(ODD)(rng)
}

/** An address at a reserved domain; the marker stands in the local part. */
export function inventEmail(rng: Rng): string {
  const separator = rng.pick(['.', '+', '_', ''])
  const domain = rng.pick(['example.com', 'example.org', 'mail.example.net'])
  const text = `${MARKERS.latin}${separator}${rng.hex(8)}@${domain}`
  return rng.chance(0.03) ? text.toUpperCase() : text
}

/** A phone number with the marked exchange, in one of several spellings. */
export function inventPhone(rng: Rng): string {
  const last = `7${String(rng.int(1000)).padStart(3, '0')}`
  return rng.pick([`+1 999 555 ${last}`, `(999) 555-${last}`, `999-555-${last}`, `999555${last}`])
}

/** A secret or token: the marker recurs every eight characters, so that a fragment betrays itself too. */
export function inventSecret(rng: Rng): string {
  return Array.from({ length: 6 }, () => MARKERS.latin + rng.hex(4)).join('')
}
