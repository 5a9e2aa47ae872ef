/** What makes a spreadsheet run a cell as a formula, full-width forms included; apostrophes before it are a guard already. */
const FORMULA = /^'*[=+\-@\t\r\uFF1D\uFF0B\uFF0D\uFF20]/
const NUMBER = /^[+-]?\d+(?:\.\d+)?$/

/** Whether a spreadsheet that opens the file would run the text as a formula. */
export function isFormula(text: string): boolean {
  return FORMULA.test(text) && !NUMBER.test(text)
}

/**
 * A text as a cell that no spreadsheet takes for a formula: a name such as `=HYPERLINK(...)` gets an apostrophe. Whoever
 * reads the file by program takes one away before `'*[=+-@]`.
 */
export function protectCell(text: string): string {
  return isFormula(text) ? `'${text}` : text
}
