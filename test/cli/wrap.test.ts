import { expect, it } from 'vitest'
import { wrapLine } from '../../src/cli/wrap.ts'

it('breaks a line between words, and leaves one that fits as it is', () => {
  expect(wrapLine('startlist: the quota is spent', 80)).toEqual(['startlist: the quota is spent'])
  expect(wrapLine('startlist: the quota is spent', 16)).toEqual(['startlist: the', '  quota is spent'])
})

it('never breaks a word, however long', () => {
  expect(wrapLine('see https://api.example.test/events', 10)).toEqual([
    'see',
    '  https://api.example.test/events',
  ])
})
