import fc from 'fast-check'
import { encode } from 'gpt-tokenizer/encoding/o200k_base'
import { describe, expect, test } from 'vitest'
import { estimateTokens } from './text.ts'
import { countingTokens, countTokens, tiersOf } from './tokens.ts'

const prose = `# Release notes

Turn merged changes into notes: group by kind, newest first. Don't list commits that only touch CI.
\`\`\`ts
const camelCase = values.map(value => value * 1_000) // 漢字 and 😀
\`\`\`
`

describe('countTokens', () => {
  test('is o200k: known counts', () => {
    expect(countTokens('')).toBe(0)
    expect(countTokens('hello world')).toBe(2)
    // tiktoken's own example for o200k_base.
    expect(countTokens('antidisestablishmentarianism')).toBe(6)
    expect(countTokens('2 + 2 = 4')).toBe(7)
  })

  test('equals the encoding wherever nothing had to be cut', () => {
    expect(countTokens(prose)).toBe(encode(prose).length)
    const plain = fc.array(fc.constantFrom('word', ' ', '\n', '漢', '😀', '1', '.', 'Ab', "'s"), { maxLength: 200 })
    fc.assert(
      fc.property(plain, parts => {
        const text = parts.join('')
        expect(countTokens(text)).toBe(encode(text).length)
      }),
    )
  })

  test('special tokens in the text are text', () => {
    expect(countTokens('a <|endoftext|> b')).toBeGreaterThan(5)
    expect(countTokens('<|im_start|>system<|im_end|><|endofprompt|>')).toBeGreaterThan(5)
  })

  test('never throws, half surrogates included', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), text => {
        const count = countTokens(text)
        expect(count).toBeLessThanOrEqual(new TextEncoder().encode(text).length)
        expect(count > 0).toBe(text !== '')
      }),
    )
  })

  // The merge is quadratic in one run: uncut, two million letters would take hours. The runner's time limit is the assertion.
  test.each(['a', ' ', '\n', '=', '漢', '😀', 'Aa', '\ud800', '\udc00', 'a\u0301', '<|endoftext|>'])(
    'two million characters of “%j” without a break',
    unit => {
      const size = 2_000_000 / unit.length
      const count = countTokens(unit.repeat(size))
      expect(count).toBeGreaterThan(10_000)
      expect(count).toBeLessThanOrEqual(size * unit.length * 3)
    },
  )

  test('prose is counted in pieces whose sum is the whole', () => {
    const long = prose.repeat(500)
    expect([...countingTokens(long)].length).toBeGreaterThan(long.length / 8_000)
    expect(countTokens(long)).toBe(encode(long).length)
  })

  test('beyond 200,000 characters it is estimated by what the beginning came to', () => {
    const long = prose.repeat(5_000)
    const ratio = countTokens(long) / (encode(prose.repeat(500)).length * 10)
    expect(ratio).toBeGreaterThan(0.99)
    expect(ratio).toBeLessThan(1.01)
    // A piece for 4,000 characters of the beginning, one for 200,000 of the rest.
    expect([...countingTokens(long)].length).toBeLessThan(100 + long.length / 200_000)
  })

  test('cutting costs less than one token in a hundred characters', () => {
    const long = 'abcdefghij'.repeat(500)
    expect(countTokens(long) - encode(long).length).toBeLessThanOrEqual(long.length / 100)
  })

  test('a pair of surrogates is never cut apart', () => {
    for (const start of ['', 'a', 'ab', 'abc']) {
      const text = start + '😀'.repeat(400)
      expect(countTokens(text)).toBeLessThanOrEqual(encode(text).length + 4)
    }
  })
})

describe('tiersOf', () => {
  test('name and description always, body on trigger, the rest on demand', () => {
    const text = '---\nname: notes\ndescription: Turns changes into notes.\nlicense: MIT\n---\n# Do it\n'
    expect(tiersOf(text, ['one two', 'three'])).toEqual({
      always: countTokens('notes\nTurns changes into notes.'),
      onTrigger: countTokens('# Do it\n'),
      onDemand: countTokens('one two') + countTokens('three'),
    })
  })

  test('a file without frontmatter is all body; no files are 0', () => {
    expect(tiersOf('# Hi\n', [])).toEqual({ always: 0, onTrigger: countTokens('# Hi\n'), onDemand: 0 })
  })
})

test('the estimate is near the count for prose and code', () => {
  const ratio = estimateTokens(prose.repeat(10)) / countTokens(prose.repeat(10))
  expect(ratio).toBeGreaterThan(0.85)
  expect(ratio).toBeLessThan(1.15)
})
