import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Block, blocksOf, foldOf } from './blocks.ts'
import { mergeTexts } from './merge-texts.ts'
import { type Choice, chosenText, NOTHING, readSettling, resultOf, type Step, startSteps, take } from './settling.ts'

const text = fc.array(fc.constantFrom('a', 'b', 'c c', 'd e f', ''), { maxLength: 12 }).map(lines => lines.join('\n'))
const choice: fc.Arbitrary<Choice> = fc.oneof(
  fc.constantFrom<Choice>({ kind: 'left' }, { kind: 'right' }, { kind: 'both' }),
  fc.string().map(edited => ({ kind: 'edited', text: edited }) as const),
)
const all = (conflicts: number, made: Choice) =>
  Object.fromEntries(Array.from({ length: conflicts }, (_, index) => [index, made]))

describe('merging texts', () => {
  test('without a base keeps what both have and makes a conflict of every difference', () => {
    const { pieces, conflicts } = mergeTexts({
      path: 'a.md',
      base: undefined,
      left: 'a\nb\nc\n',
      right: 'a\nB\nc\nd\n',
    })
    expect(conflicts).toBe(2)
    expect(pieces).toEqual([
      { kind: 'both', text: 'a\n' },
      { kind: 'conflict', base: '', left: 'b\n', right: 'B\n' },
      { kind: 'both', text: 'c\n' },
      { kind: 'conflict', base: '', left: '', right: 'd\n' },
    ])
  })

  test('left everywhere is the left text, right everywhere the right one', () => {
    fc.assert(
      fc.property(text, text, (left, right) => {
        const { pieces, conflicts } = mergeTexts({ path: 'a.md', base: undefined, left, right })
        expect(resultOf(pieces, all(conflicts, { kind: 'left' }))).toBe(left)
        expect(resultOf(pieces, all(conflicts, { kind: 'right' }))).toBe(right)
      }),
    )
  })

  test('is not done while one conflict is open', () => {
    fc.assert(
      fc.property(text, text, text, choice, fc.nat(), (base, left, right, made, pick) => {
        const { pieces, conflicts } = mergeTexts({ path: 'a.md', base, left, right })
        const choices = all(conflicts, made)
        expect(resultOf(pieces, choices)).toBeTypeOf('string')
        if (conflicts === 0) return
        delete choices[pick % conflicts]
        expect(resultOf(pieces, choices)).toBeUndefined()
      }),
    )
  })

  test('structured files are merged by whole lines, prose by words', () => {
    const texts = { base: '{ "a": 1, "b": 1 }\n', left: '{ "a": 2, "b": 1 }\n', right: '{ "a": 1, "b": 2 }\n' }
    for (const path of ['a.json', 'x/b.yaml', 'c.yml', 'd.toml', 'e.csv', 'package.lock', 'f.py'])
      expect(mergeTexts({ path, ...texts }).conflicts).toBe(1)
    for (const path of ['SKILL.md', 'references/notes.txt', 'LICENSE'])
      expect(mergeTexts({ path, ...texts }).conflicts).toBe(0)
  })

  test('without a base, texts that differ in their line ends alone have no conflict', () => {
    const [lf, crlf] = ['a\nb\n', 'a\r\nb\r\n']
    const merged = (left: string, right: string) => mergeTexts({ path: 'a.md', base: undefined, left, right })
    expect(merged(lf, crlf)).toEqual({ pieces: [{ kind: 'both', text: lf }], conflicts: 0, lineEnd: 'LF' })
    expect(merged(crlf, lf)).toEqual({ pieces: [{ kind: 'both', text: crlf }], conflicts: 0, lineEnd: 'CRLF' })
  })

  test('both sides stand below each other, never in one line', () => {
    expect(chosenText({ kind: 'both' }, { left: 'a', right: 'b' })).toBe('a\nb')
    expect(chosenText({ kind: 'both' }, { left: 'a\n', right: 'b\n' })).toBe('a\nb\n')
    expect(chosenText({ kind: 'both' }, { left: '', right: 'b' })).toBe('b')
  })
})

describe('blocks', () => {
  const said = (blocks: readonly Block[]) =>
    blocks.map(block => {
      switch (block.kind) {
        case 'lines':
          return `${block.from} ${block.count}`
        case 'mixed':
          return `mixed ${block.segments.map(segment => segment.from).join('+')}`
        case 'removed':
          return `removed by ${block.from}`
        case 'conflict':
          return `conflict ${block.index}`
        default:
          return block satisfies never
      }
    })

  test('are whole lines, also where the pieces are not', () => {
    expect(
      said(
        blocksOf([
          { kind: 'same', text: 'one\ntwo ' },
          { kind: 'left', text: 'three' },
          { kind: 'same', text: '\nfour\n' },
          { kind: 'right', text: '' },
          { kind: 'same', text: 'five\n' },
          { kind: 'conflict', base: '', left: 'x\n', right: 'y\n' },
          { kind: 'both', text: 'six' },
        ]),
      ),
    ).toEqual(['same 1', 'mixed same+left+same', 'same 1', 'removed by right', 'same 1', 'conflict 0', 'both 1'])
  })

  test('hold all of the text, in order', () => {
    fc.assert(
      fc.property(text, text, text, (base, left, right) => {
        const { pieces } = mergeTexts({ path: 'a.md', base, left, right })
        const whole = blocksOf(pieces).map(block => {
          if (block.kind === 'lines') return block.text
          if (block.kind === 'mixed') return block.segments.map(segment => segment.text).join('')
          return block.kind === 'conflict' ? block.left : ''
        })
        expect(whole.join('')).toBe(pieces.map(piece => (piece.kind === 'conflict' ? piece.left : piece.text)).join(''))
      }),
    )
  })

  test('fold the middle of what is unchanged', () => {
    const lines = Array.from({ length: 10 }, (_, at) => `${at}\n`)
    const block = { kind: 'lines', from: 'same', text: lines.join(''), count: 10 } as const
    expect(foldOf(block, { first: false, last: false })).toEqual({ head: '0\n1\n2\n', hidden: 4, tail: '7\n8\n9\n' })
    expect(foldOf(block, { first: true, last: false })).toEqual({ head: '', hidden: 7, tail: '7\n8\n9\n' })
    expect(foldOf({ ...block, from: 'left' }, { first: false, last: false })).toBeUndefined()
    expect(foldOf({ ...block, text: lines.slice(0, 8).join(''), count: 8 }, { first: false, last: false })).toBe(
      undefined,
    )
  })
})

describe('decisions', () => {
  const step: fc.Arbitrary<Step> = fc.oneof(
    fc.record({
      do: fc.constant('choose' as const),
      path: fc.constantFrom('a', 'b'),
      index: fc.nat(3),
      choice: fc.option(choice, { nil: undefined }),
    }),
    fc.record({
      do: fc.constant('choose-rest' as const),
      path: fc.constantFrom('a', 'b'),
      conflicts: fc.nat(3),
      choice,
    }),
    fc.record({ do: fc.constant('take-file' as const), path: fc.string(), side: fc.constantFrom('left', 'right') }),
    fc.record({
      do: fc.constant('edit' as const),
      path: fc.constantFrom('a', 'b'),
      text: fc.option(fc.string(), { nil: undefined }),
    }),
  )

  test('can all be taken back, and made again', () => {
    fc.assert(
      fc.property(fc.array(step), taken => {
        const end = taken.reduce(take, startSteps(NOTHING))
        let back = end
        while (back.past.length > 0) back = take(back, { do: 'undo' })
        expect(back.now).toEqual(NOTHING)
        let again = back
        while (again.future.length > 0) again = take(again, { do: 'redo' })
        expect(again.now).toEqual(end.now)
        expect(take(again, { do: 'redo' })).toBe(again)
      }),
    )
  })

  test('typing in one text is one step', () => {
    const typed = ['h', 'he', 'hel'].reduce(
      (steps, now) => take(steps, { do: 'edit', path: 'a', text: now }),
      startSteps(NOTHING),
    )
    expect(typed.now.texts).toEqual({ a: 'hel' })
    expect(take(typed, { do: 'undo' }).now).toEqual(NOTHING)
  })

  test('one choice for the rest leaves those that were made', () => {
    const made = take(startSteps(NOTHING), { do: 'choose', path: 'a', index: 1, choice: { kind: 'both' } })
    const rest = take(made, { do: 'choose-rest', path: 'a', conflicts: 3, choice: { kind: 'left' } })
    expect(rest.now.conflicts).toEqual({ a: { 0: { kind: 'left' }, 1: { kind: 'both' }, 2: { kind: 'left' } } })
  })

  test('come back as they were written, and nothing else does', () => {
    fc.assert(
      fc.property(fc.array(step), taken => {
        const { now } = taken.reduce(take, startSteps(NOTHING))
        const plain = JSON.stringify(now)
        expect(JSON.stringify(readSettling(plain))).toBe(plain)
      }),
    )
    for (const broken of [null, '', 'x', '1', 'null', '[]', '{"conflicts":1,"files":{"a":"up"},"texts":{"a":1}}'])
      expect(readSettling(broken)).toEqual(NOTHING)
    const odd = '{"conflicts":{"a":{"0":{"kind":"up"},"x":{"kind":"left"},"1":{"kind":"edited"}}}}'
    expect(readSettling(odd).conflicts).toEqual({ a: {} })
  })
})
