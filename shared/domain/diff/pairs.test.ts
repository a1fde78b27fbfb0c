import { describe, expect, it } from 'vitest'
import { similarPairs } from './pairs.ts'
import { diffText } from './text.ts'

const pairsOf = (a: readonly string[], b: readonly string[]) => {
  const [from, to] = [a, b].map(lines => lines.map(line => `${line}\n`).join(''))
  const [change] = diffText(from ?? '', to ?? '', { moves: false }).changes
  return change ? similarPairs(change, from ?? '', to ?? '') : []
}

describe('similarPairs', () => {
  it('puts edited lines beside each other, whatever was inserted and deleted between them', () => {
    const a = ['Read the whole file first.', 'This goes away.', 'Then run all of the tests.']
    const b = ['Read the whole file twice.', 'Say so.', 'Ask.', 'Then run most of the tests.']
    expect(pairsOf(a, b)).toEqual([
      [0, 0],
      [2, 3],
    ])
  })

  it('keeps one order, and pairs nothing that is not alike', () => {
    expect(pairsOf(['one two three', 'four five six'], ['four five 6', 'one two 3'])).toHaveLength(1)
    expect(pairsOf(['one two', 'three'], ['four', 'five six'])).toEqual([])
  })
})
