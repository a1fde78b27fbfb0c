import { randomBytes } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { MAX_PROGRAM_TEXT } from '../../shared/contract/desktop.ts'
import { allowByCode } from './allow-by-code.ts'

function open(keep: (text: string) => Promise<boolean> = async () => true) {
  const printed: string[] = []
  const kept: string[] = []
  let now = 0
  const consent = allowByCode({
    random: randomBytes,
    clock: () => now,
    print: line => printed.push(line),
    keep: async text => {
      kept.push(text)
      return keep(text)
    },
  })
  return {
    consent,
    printed,
    kept,
    code: () => printed.findLast(line => line.startsWith('To allow it'))?.match(/(\d{4}) (\d{4})$/) ?? [],
    later: (ms: number) => {
      now += ms
    },
  }
}
/** Another code of as many digits. */
const wrong = (code: string) => String((Number(code) + 1) % 10 ** 8).padStart(8, '0')

describe('a program allowed by a code from the terminal', () => {
  test('is shown in the terminal, and kept only once its code was entered', async () => {
    const { consent, printed, kept, code } = open()
    expect(consent.ask('Run: claude -p\nas you')).toEqual({ state: 'code', digits: 8, triesLeft: 5 })
    expect(printed).toContain('  Run: claude -p')
    expect(printed).toContain('  as you')
    expect(kept).toEqual([])
    const [, first, second] = code()
    expect(await consent.enter(` ${first} ${second} `)).toEqual({ state: 'allowed' })
    expect(kept).toEqual(['Run: claude -p\nas you'])
    expect(await consent.enter(`${first}${second}`)).toMatchObject({ state: 'refused' })
  })

  test('the answer to the page never holds the code', () => {
    const { consent, code } = open()
    const answer = JSON.stringify(consent.ask('Run: x'))
    const [, first = '', second = ''] = code()
    expect(first).toMatch(/^\d{4}$/)
    expect(answer).not.toContain(first)
    expect(answer).not.toContain(second)
  })

  test('five wrong codes end the question, and the right one is then too late', async () => {
    const { consent, kept, code } = open()
    consent.ask('Run: x')
    const right = code().slice(1).join('')
    const states = []
    for (let time = 0; time < 5; time++) states.push(await consent.enter(wrong(right)))
    expect(states.map(({ state }) => state)).toEqual(['code', 'code', 'code', 'code', 'refused'])
    expect(await consent.enter(right)).toMatchObject({ state: 'refused' })
    expect(kept).toEqual([])
  })

  test('a code that is too old, or of another question, allows nothing', async () => {
    const { consent, kept, code, later } = open()
    consent.ask('Run: x')
    const first = code().slice(1).join('')
    consent.ask('Run: y')
    expect(await consent.enter(first)).toMatchObject({ state: 'code' })
    later(6 * 60_000)
    expect(await consent.enter(code().slice(1).join(''))).toMatchObject({ state: 'refused' })
    expect(kept).toEqual([])
  })

  test('asking for the same again prints nothing new; asking without end is no longer heard', () => {
    const { consent, printed } = open()
    consent.ask('Run: x')
    const before = printed.length
    consent.ask('Run: x')
    expect(printed).toHaveLength(before)
    const states = Array.from({ length: 50 }, (_, number) => consent.ask(`Run: ${number}`).state)
    expect(states.slice(0, 19)).toEqual(Array(19).fill('code'))
    expect(new Set(states.slice(19))).toEqual(new Set(['refused']))
    const [after] = [printed.length]
    consent.ask('Run: more')
    expect(printed).toHaveLength(after)
  })

  test.each([
    ['an escape sequence', 'Run: x\u001b[2J'],
    ['a C1 control', 'Run: x\u009b2J'],
    ['a carriage return', 'Run: evil\rRun: fine'],
    ['right-to-left override', 'Run: \u202egnp.exe'],
    ['a zero-width space', 'Run: a\u200bb'],
    ['a filler that looks like nothing', 'Run: a\u3164b'],
    ['a lone surrogate', 'Run: \ud800'],
    ['more than can be seen', 'x'.repeat(MAX_PROGRAM_TEXT + 1)],
  ])('a text with %s is refused and not printed', (_name, text) => {
    const { consent, printed } = open()
    expect(consent.ask(text)).toMatchObject({ state: 'refused' })
    expect(printed).toEqual([])
  })

  test('an answer that could not be kept is said', async () => {
    const { consent, code } = open(async () => false)
    consent.ask('Run: x')
    expect(await consent.enter(code().slice(1).join(''))).toMatchObject({ state: 'refused' })
  })
})
