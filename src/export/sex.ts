/** What a provider's word for a sex or gender means; null for none, and for words that say nothing of it. */
export type Sex = 'male' | 'female' | 'other'

/** How the three are written. `provider`: as the provider spells it, whatever it says. */
export const SEX_VOCABULARIES = {
  'M/F/X': { male: 'M', female: 'F', other: 'X' },
  'm/f/x': { male: 'm', female: 'f', other: 'x' },
  'Male/Female/Non-binary': { male: 'Male', female: 'Female', other: 'Non-binary' },
  'male/female/other': { male: 'male', female: 'female', other: 'other' },
  provider: null,
} as const satisfies Record<string, Readonly<Record<Sex, string>> | null>

export type SexVocabulary = keyof typeof SEX_VOCABULARIES

const WORDS: Readonly<Record<Sex, readonly string[]>> = {
  male: ['m', 'male', 'man', 'men', 'boy'],
  female: ['f', 'female', 'w', 'woman', 'women', 'girl'],
  other: ['x', 'nb', 'nonbinary', 'other', 'o', 'd', 'diverse', 'genderqueer', 'genderfluid', 'agender'],
}
const MEANING = new Map<string, Sex>(
  (Object.keys(WORDS) as Sex[]).flatMap((sex) => WORDS[sex].map((word): [string, Sex] => [word, sex])),
)

/** Reads a provider's word. What is unknown, such as "Prefer not to say", is nobody's sex: a timer has to ask. */
export function sexOf(gender: string | null | undefined): Sex | null {
  return MEANING.get((gender ?? '').toLowerCase().replace(/[^a-z]/g, '')) ?? null
}

/** A provider's word in a vocabulary; empty where it says nothing. */
export function writeSex(gender: string | null | undefined, vocabulary: SexVocabulary): string {
  const words = SEX_VOCABULARIES[vocabulary]
  if (words === null) return gender ?? ''
  const sex = sexOf(gender)
  return sex === null ? '' : words[sex]
}
