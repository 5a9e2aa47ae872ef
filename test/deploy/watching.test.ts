import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { createMetrics } from '../../src/observe/metrics.ts'

const read = (path: string) => readFileSync(fileURLToPath(new URL(`../../${path}`, import.meta.url)), 'utf8')

/** Names of metrics as they are served; a histogram's series count as its name. */
async function served(): Promise<Set<string>> {
  const text = await createMetrics().text()
  return new Set([...text.matchAll(/^# HELP (startlist_\w+)/gm)].map((match) => match[1]!))
}

const asked = (text: string) =>
  [...new Set(text.match(/\bstartlist_[a-z_]+\b/g))].map((name) => name.replace(/_(bucket|sum|count)$/, ''))

describe.each(['deploy/prometheus/startlist.rules.yml', 'deploy/grafana/startlist.json'])('%s', (path) => {
  it('asks for metrics that are served, and for several of them', async () => {
    const names = asked(read(path))
    expect(names.length).toBeGreaterThan(5)
    const known = await served()
    expect(names.filter((name) => !known.has(name))).toEqual([])
  })
})

it('every metric that is served is described for operators', async () => {
  const described = read('docs/scheduler.md')
  expect([...(await served())].filter((name) => !described.includes(`\`${name}\``))).toEqual([])
})
