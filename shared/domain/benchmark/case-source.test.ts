import { expect, test } from 'vitest'
import { type Sourced, sourcesOf } from './case-source.ts'

const file = (letter: string) => ({ path: `${letter}.md`, sha256: letter.repeat(64), size: 1 })
const of = (id: string, more: Partial<Sourced> = {}): Sourced => ({ id, prompt: id, files: [], tags: [], ...more })
/** Which ids are together. */
const groups = (cases: Sourced[]) =>
  [...Map.groupBy(sourcesOf(cases), ([, source]) => source).values()].map(list => list.map(([id]) => id).sort())

test('cases that share a file, a prompt or a source tag are one source; others are none', () => {
  expect(
    groups([
      of('a', { files: [file('1')] }),
      of('b', { files: [file('1'), file('2')] }),
      of('c', { files: [file('2')] }),
      of('d', { tags: ['source:ticket 7', 'late'] }),
      of('e', { tags: ['source:ticket 7'] }),
      of('f', { prompt: 'Sum it\n up. ' }),
      of('g', { prompt: 'Sum it up.' }),
      of('h', { tags: ['late'] }),
      of('i'),
    ]),
  ).toEqual([
    ['a', 'b', 'c'],
    ['d', 'e'],
    ['f', 'g'],
  ])
})

test('the same prompt with other files is another source, and no prompt is none', () => {
  expect(
    groups([
      of('a', { prompt: 'Review it.', files: [file('1')] }),
      of('b', { prompt: 'Review it.', files: [file('2')] }),
      of('c', { prompt: '' }),
      of('d', { prompt: ' ' }),
    ]),
  ).toEqual([])
})

test('what every case has makes no source', () => {
  const style = file('9')
  expect(groups([of('a', { files: [style] }), of('b', { files: [style] }), of('c', { files: [style] })])).toEqual([])
  expect(
    groups([
      of('a', { files: [style, file('1')] }),
      of('b', { files: [style, file('1')] }),
      of('c', { files: [style] }),
    ]),
  ).toEqual([['a', 'b']])
})
