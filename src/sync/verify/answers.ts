import type { JsonObject } from '../../domain/json.ts'
import type { Answer } from '../../providers/question.ts'
import { isObject } from '../../providers/records.ts'

/** An answer with its date. */
export interface DatedAnswer extends Answer {
  /** ms since the epoch */
  at: number
}

/** What an account is known to answer, from its traits. */
export function storedAnswers(traits: JsonObject): DatedAnswer[] {
  const { answers } = isObject(traits.verify) ? traits.verify : {}
  if (!Array.isArray(answers)) return []
  return answers.flatMap((known) => {
    if (!isObject(known) || typeof known.at !== 'number' || typeof known.question !== 'string') return []
    const { question, asks, answer, evidence, at } = known
    const isAnswered = typeof answer === 'string'
    return [
      { question, asks: String(asks), answer: isAnswered ? answer : null, evidence: String(evidence), at },
    ]
  })
}

/**
 * Old and new answers as the account keeps them: a question that this time found no answer keeps the one it had, with its
 * date and evidence.
 */
export function mergedAnswers(
  known: readonly DatedAnswer[],
  found: readonly Answer[],
  at: number,
): DatedAnswer[] {
  return found.map((answer) => {
    const before = known.find(({ question }) => question === answer.question)
    return answer.answer === null && before !== undefined && before.answer !== null
      ? { ...before, asks: answer.asks }
      : { ...answer, at }
  })
}

/** The part of an account's traits that holds them. */
export function answersJson(answers: readonly DatedAnswer[]): JsonObject {
  return { verify: { answers: answers.map((answer) => ({ ...answer })) } }
}
