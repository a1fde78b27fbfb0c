import { ensureSyntaxTree, syntaxTree } from '@codemirror/language'
import { EditorState } from '@codemirror/state'
import { expect, test } from 'vitest'
import { isDeep, languageOf, MARKDOWN_LINE, plainBecause, YAML_BOUNDS } from './language.ts'
import { hiddenStretches, LINE_BOUNDS, longLines } from './long-lines.ts'
import { BLOCK_BOUNDS } from './plain-blocks.ts'

const HEAD = '---\nname: x\ndescription: y\n---\n\n'
const state = (text: string, path = 'SKILL.md') =>
  EditorState.create({ doc: text, extensions: [languageOf(path, text), longLines] })

/** The kinds of node at the top of the document's own syntax, how deep it goes, and the most nodes of one paragraph. */
function shapeOf(text: string, path?: string) {
  const made = state(text, path)
  const tree = ensureSyntaxTree(made, text.length, 60_000) ?? syntaxTree(made)
  const names = new Set<string>()
  let [depth, deepest, inside, most] = [0, 0, 0, 0]
  tree.iterate({
    enter: ({ name }) => {
      names.add(name)
      depth++
      deepest = Math.max(deepest, depth)
      inside = name === 'Paragraph' ? 0 : inside + 1
      most = Math.max(most, inside)
    },
    leave: () => {
      depth--
    },
  })
  return { names, deepest, most, length: tree.length }
}

const PATTERNS = [
  '[a](',
  '*a_ ',
  '**a ',
  'a**b',
  '~~a',
  '[](x)',
  '![',
  '[',
  '`a``b',
  '&amp;',
  'www.',
  '<a ',
  '<!--',
  '\\',
]

test.each(PATTERNS)('a paragraph of 100 kB of %s is one node without any syntax inside', pattern => {
  const { names, length } = shapeOf(`${HEAD}${pattern.repeat(100_000 / pattern.length)}\n\n# After\n`)
  expect(names).toContain('PlainLong')
  // All else is highlighted as ever.
  expect(names).toContain('ATXHeading1')
  expect(names).toContain('BlockMapping')
  expect([...names].filter(name => /Emphasis|Strikethrough|Image|InlineCode|Entity/.test(name))).toEqual([])
  expect(length).toBeGreaterThan(100_000)
})

test('a paragraph of many short lines is bounded as one of a single line is', () => {
  const { names, most } = shapeOf(`${HEAD}${'[a](b *c*\n'.repeat(20_000)}`)
  expect(names).toContain('PlainLong')
  // Only a last piece within the bounds is read.
  expect(most).toBeLessThan(BLOCK_BOUNDS.marks * 5)
})

test('ordinary prose, long tables and long files are highlighted', () => {
  const prose = 'A sentence, with *emphasis* and [a link](a.md), as in a book. '.repeat(30)
  const table = `| a | b |\n|---|---|\n${'| *cell* | `code` |\n'.repeat(1_000)}`
  for (const text of [prose, table, `${prose}\n\n`.repeat(200)]) {
    const { names } = shapeOf(`${HEAD}${text}`)
    expect(names).not.toContain('PlainLong')
    expect(names).toContain('Emphasis')
  }
})

test('quotes and lists beyond a depth are plain, and the tree is no deeper', () => {
  for (const text of [
    '>'.repeat(5_000),
    Array.from({ length: 1_000 }, (_, at) => `${' '.repeat(at * 2)}- a`).join('\n'),
  ]) {
    const { names, deepest } = shapeOf(`${HEAD}${text}`)
    expect(deepest).toBeLessThan(BLOCK_BOUNDS.depth * 2 + 20)
    expect([...names].some(name => name.startsWith('Plain'))).toBe(true)
  }
})

test('HTML inside of Markdown has no tree of its own', () => {
  const { deepest } = shapeOf(`${HEAD}${'<div>\n'.repeat(3_000)}`)
  expect(deepest).toBeLessThan(20)
})

test('YAML that is too deep or too long has no language, and says why', () => {
  expect(state(`a: ${'['.repeat(5_000)}`, 'a.yaml').facet(plainBecause)).toBe('too deeply nested')
  expect(state('a: b\n'.repeat(YAML_BOUNDS.characters / 4), 'a.yaml').facet(plainBecause)).toBe(
    'this file is too long to highlight',
  )
  expect(state('a: [b, {c: d}]\n- - - e\n', 'a.yml').facet(plainBecause)).toBeUndefined()
  for (const text of [
    `---\n${'a: b\n'.repeat(10_000)}---\n`,
    `---\na: ${'{'.repeat(500)}\n---\n`,
    `---\n${'- '.repeat(500)}\n---\n`,
  ])
    expect(state(text).facet(plainBecause)).toContain('frontmatter')
  expect(isDeep(Array.from({ length: 300 }, (_, at) => `${' '.repeat(at)}a:`).join('\n'))).toBe(true)
})

test('the language follows what is typed', () => {
  const before = state('a: b\n', 'a.yaml')
  const deep = before.update({ changes: { from: 3, insert: '['.repeat(500) } }).state
  expect(deep.facet(plainBecause)).toBe('too deeply nested')
  const after = deep.update({ changes: { from: 3, to: 503 } }).state
  expect(after.facet(plainBecause)).toBeUndefined()
  expect(after.doc.toString()).toBe('a: b\n')
})

test('of a very long line the start is shown, the text is whole', () => {
  const line = 'word '.repeat(200_000)
  const made = state(`short\n${line}\nshort`)
  expect(made.doc.length).toBe(line.length + 12)
  expect(hiddenStretches(made)).toEqual([{ from: 6 + LINE_BOUNDS.start, to: 6 + line.length }])
})

test('a cursor inside of what is cut brings back what is around it', () => {
  const made = state('x'.repeat(1_000_000))
  const moved = made.update({ selection: { anchor: 500_000 } }).state
  expect(hiddenStretches(moved)).toEqual([
    { from: LINE_BOUNDS.start, to: 500_000 - LINE_BOUNDS.around },
    { from: 500_000 + LINE_BOUNDS.around, to: 1_000_000 },
  ])
  const typed = moved.update({ changes: { from: 500_000, insert: 'abc' }, selection: { anchor: 500_003 } }).state
  expect(hiddenStretches(typed).some(({ from, to }) => from < 500_003 && 500_003 < to)).toBe(false)
  expect(typed.doc.length).toBe(1_000_003)
})

test('at the end of a long line what was written last is shown, and can be written on', () => {
  const made = state('x'.repeat(1_000_000))
  const ended = made.update({ selection: { anchor: 1_000_000 } }).state
  expect(hiddenStretches(ended)).toEqual([{ from: LINE_BOUNDS.start, to: 1_000_000 - LINE_BOUNDS.around }])
  const typed = ended.update({ changes: { from: 1_000_000, insert: '!' }, selection: { anchor: 1_000_001 } }).state
  const more = typed.update({ changes: { from: 0, insert: '?' } }).state
  expect(more.doc.length).toBe(1_000_002)
  expect(hiddenStretches(more).every(({ to }) => to < 1_000_000)).toBe(true)
})

test('however often the cursor jumps, a line shows a bounded part of itself', () => {
  let made = state('x'.repeat(1_000_000))
  for (let at = 0; at < 50; at++) made = made.update({ selection: { anchor: 10_000 + at * 19_000 } }).state
  const hidden = hiddenStretches(made).reduce((sum, { from, to }) => sum + to - from, 0)
  expect(1_000_000 - hidden).toBeLessThanOrEqual(LINE_BOUNDS.start + LINE_BOUNDS.stretches * LINE_BOUNDS.around * 2)
})

test('a line that grows is cut, one that is broken or removed is not', () => {
  const short = state('a\nb\nc')
  const grown = short.update({ changes: { from: 2, insert: 'x'.repeat(50_000) } }).state
  expect(hiddenStretches(grown).length).toBe(1)
  const pasted = short.update({ changes: { from: 2, insert: `${'x'.repeat(20_000)}\n${'y'.repeat(20_000)}\n` } }).state
  expect(hiddenStretches(pasted).length).toBe(2)
  const emptied = grown.update({ changes: { from: 2, to: 50_002 } }).state
  expect(hiddenStretches(emptied)).toEqual([])
})

test('Markdown with a line beyond all bounds is plain text, and says why, until the line is broken', () => {
  const line = 'word '.repeat(MARKDOWN_LINE / 5)
  const long = state(`${HEAD}${line}more\n`)
  expect(long.facet(plainBecause)).toBe('a line is too long to highlight')
  expect(syntaxTree(long).length).toBe(0)
  const typed = long.update({ changes: { from: 0, insert: 'x' } }).state
  expect(typed.facet(plainBecause)).toBe('a line is too long to highlight')
  const broken = typed.update({ changes: { from: 100, to: 200_000, insert: '\n' } }).state
  expect(broken.facet(plainBecause)).toBeUndefined()
  // The same by a change that makes one.
  const short = state(`${HEAD}words\n`)
  expect(short.facet(plainBecause)).toBeUndefined()
  const pasted = short.update({ changes: { from: HEAD.length, insert: line } }).state
  expect(pasted.facet(plainBecause)).toBe('a line is too long to highlight')
})
