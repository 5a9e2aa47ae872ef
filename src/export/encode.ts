/** Windows' own for older timing programs that know no Unicode. */
export const ENCODINGS = ['utf-8', 'utf-16le', 'windows-1252'] as const
export type Encoding = (typeof ENCODINGS)[number]

/** Turns text into a file's bytes, piece by piece. */
export interface Encoder {
  encode(text: string): Uint8Array
  /** Characters so far that the encoding does not have, and that became similar ones or question marks. */
  replaced(): number
}

const BOM = '\uFEFF'

/** @param bom a byte order mark before the first piece; windows-1252 has none */
export function createEncoder(encoding: Encoding, bom: boolean): Encoder {
  if (encoding === 'windows-1252') return windows1252()
  const name = encoding === 'utf-8' ? 'utf8' : 'utf16le'
  let start = bom ? BOM : ''
  return {
    encode(text) {
      const bytes = Buffer.from(start + text, name)
      start = ''
      return bytes
    },
    replaced: () => 0,
  }
}

/** Characters of windows-1252 beyond ASCII, by code point. */
const BYTES = new Map(
  Array.from({ length: 128 }, (_, i): [number, number] => {
    const byte = i + 128
    return [new TextDecoder('windows-1252').decode(Uint8Array.of(byte)).codePointAt(0)!, byte]
  }),
)
const QUESTION_MARK = 0x3f

/** Letters with a stroke, which are no letter and a mark to Unicode, and are to whoever calls a name out. */
const STROKES: Readonly<Record<string, string>> = {
  ...{ Ł: 'L', ł: 'l', Đ: 'D', đ: 'd', Ħ: 'H', ħ: 'h', Ŧ: 'T', ŧ: 't', ı: 'i', ĸ: 'k', Ŋ: 'N', ŋ: 'n' },
}

function windows1252(): Encoder {
  const characters = new Intl.Segmenter('und', { granularity: 'grapheme' })
  let replaced = 0
  const similar = (character: string): number[] => {
    replaced++
    const plain = [...(STROKES[character] ?? character.normalize('NFKD'))]
      .map((part) => part.codePointAt(0)!)
      .filter((part) => part < 128)
    return plain.length === 0 ? [QUESTION_MARK] : plain
  }
  const bytesOf = (character: string): number[] => {
    const bytes = [...character].map((part) => {
      const code = part.codePointAt(0)!
      return code < 128 ? code : BYTES.get(code)
    })
    return bytes.every((byte) => byte !== undefined) ? bytes : similar(character)
  }
  return {
    // Composed first: an o with a mark behind it is one character here.
    encode: (text) =>
      Uint8Array.from(
        [...characters.segment(text.normalize('NFC'))].flatMap(({ segment }) => bytesOf(segment)),
      ),
    replaced: () => replaced,
  }
}
