import { expect, test } from 'vitest'
import { PREVIEW_BOUNDS, previewBlocks } from './preview-blocks.ts'

const render = (text: string) => previewBlocks({ path: 'SKILL.md', text, pictures: ['a/b.png', 'c.png'] })
const sizeOf = (blocks: readonly string[]) => blocks.join('').length

test('a usual text is shown whole, block by block', () => {
  const { fields, blocks, bodyLine, plain, cutAt, wanted } = render(
    '---\nname: x\n---\n\n# A\n\n- b\n- c\n\n![p](a/b.png)\n',
  )
  expect(fields).toEqual([{ key: 'name', value: 'x' }])
  expect(blocks.map(block => /^<(\w+)/.exec(block)?.[1])).toEqual(['h1', 'ul', 'p'])
  expect({ bodyLine, plain, cutAt, wanted }).toEqual({
    bodyLine: 3,
    plain: false,
    cutAt: undefined,
    wanted: ['a/b.png'],
  })
})

test('references defined later still reach each block', () => {
  expect(render('[a]\n\ntext\n\n[a]: https://x.invalid\n').blocks[0]).toContain('href="https://x.invalid"')
})

test('a block that is too long is shown as it is written, and the rest as ever', () => {
  const { blocks, plain, cutAt } = render(`# A\n\n${'*a* '.repeat(5_000)}\n\n# <B>\n`)
  expect(plain).toBe(true)
  expect(cutAt).toBeUndefined()
  expect(blocks[1]).toMatch(/^<pre data-line="2">\*a\* \*a\*/)
  expect(blocks[1]?.length).toBeLessThan(PREVIEW_BOUNDS.source + 100)
  expect(blocks[2]).toContain('&lt;B&gt;')
})

test.each([
  ['headings', '# a\n'.repeat(10_000)],
  ['paragraphs', 'word\n\n'.repeat(10_000)],
  ['links', '[a](b)\n\n'.repeat(10_000)],
  ['tables', '|a|b|\n|-|-|\n|c|d|\n\n'.repeat(5_000)],
  ['one table', `|a|b|\n|-|-|\n${'|c|d|\n'.repeat(5_000)}`],
  ['one list', '- a\n'.repeat(10_000)],
  ['HTML', `${'<b>'.repeat(100_000)}\n`],
])('of very many %s a bounded part is shown', (_, text) => {
  const { blocks, plain, cutAt } = render(text)
  expect(plain || cutAt !== undefined).toBe(true)
  expect(sizeOf(blocks)).toBeLessThanOrEqual(PREVIEW_BOUNDS.whole.html)
  expect(blocks.length).toBeLessThanOrEqual(PREVIEW_BOUNDS.whole.blocks)
  expect((blocks.join('').match(/<\w/g) ?? []).length).toBeLessThanOrEqual(PREVIEW_BOUNDS.whole.tokens * 2)
})

test('the line from which on nothing is shown is that of the file', () => {
  const { blocks, cutAt } = render(`---\nname: x\n---\n${'a\n\n'.repeat(10_000)}`)
  expect(cutAt).toBe(3 + blocks.length * 2 + 1)
})
