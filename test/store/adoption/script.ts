import pg from 'pg'

/** What psql does with a script: line by line to the end of each statement. */
export async function runScript(url: string, lines: readonly string[]): Promise<void> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    for (const text of statementsOf(lines)) await client.query(text)
  } finally {
    await client.end()
  }
}

/** Function bodies hold semicolons of their own, between dollar signs. */
function statementsOf(lines: readonly string[]): string[] {
  const statements: string[] = []
  let text = ''
  for (const line of lines.join('\n').split('\n')) {
    text += `${line}\n`
    const isInBody = (text.match(/\$\$/g)?.length ?? 0) % 2 === 1
    if (!line.endsWith(';') || isInBody || line.startsWith('--')) continue
    statements.push(text)
    text = ''
  }
  return statements
}
