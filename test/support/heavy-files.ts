import { heavyDocuments } from './heavy-documents.ts'

/**
 * Files of 5 MB that are heavy for whoever reads them: those that hold up a page (heavy-documents.ts) at that size, and others that are
 * hard on what the backend does with text (lines, links, words, tokens, tables).
 */
export type HeavyFile = { name: string; text: string }

const SIZE = 5_000_000
const HEAD = '---\nname: heavy\ndescription: A heavy document.\n---\n\n'

const fill = (unit: string, size = SIZE): string => unit.repeat(Math.ceil(size / unit.length)).slice(0, size)
const lines = (count: number, one: (n: number) => string): string =>
  Array.from({ length: count }, (_, n) => one(n)).join('\n')
/** The same at each run, and nothing in it twice. */
const word = (n: number): string => (Math.imul(n + 1, 0x9e3779b1) >>> 0).toString(36)

const markdown = (name: string, body: string): HeavyFile => ({ name, text: `${HEAD}${body}`.slice(0, SIZE) })

const OWN = (): HeavyFile[] => [
  markdown('one line', fill('word ')),
  markdown('a million lines', fill('abcd\n')),
  markdown('two million lines', fill('a\n')),
  markdown(
    'lines of their own',
    lines(600_000, n => word(n)),
  ),
  markdown('words of their own', lines(600_000, n => word(n)).replaceAll('\n', ' ')),
  markdown(
    'random text',
    lines(100_000, n => lines(8, k => word(8 * n + k)).replaceAll('\n', '')),
  ),
  markdown(
    'broken links',
    lines(200_000, n => `[a](b/${word(n)}.md)`),
  ),
  markdown('links of one name', fill('[a](B/C/D.MD)\n')),
  markdown(
    'reference definitions',
    lines(300_000, n => `[${n}]: ${word(n)}`),
  ),
  markdown('long paths', fill(`${'a/'.repeat(250)}b.md `)),
  markdown('many slashes', fill('a/')),
  markdown('fences that never close', fill('```a\n~~~b\n')),
  markdown(
    'fences of many marks',
    lines(2_000, n => '`'.repeat(n + 3)),
  ),
  markdown('one line of backticks and blanks', fill('` ')),
  markdown('backticks of three', fill('```a`b``c ')),
  markdown('comments that never end', fill('<!-- ')),
  markdown('comments', fill('<!---->')),
  markdown('parentheses', fill('](a(')),
  markdown('blank targets', fill('](          ')),
  markdown('blanks', fill(' ')),
  markdown('digits', fill('7')),
  markdown('dots', fill('.')),
  markdown('ideographs', fill('漢字仮名', SIZE / 3)),
  markdown('emoji', fill('👨‍👩‍👧', SIZE / 4)),
  markdown('capitals', fill('ABCDEFGHIJ')),
  markdown(
    'nested lists',
    lines(4_000, n => `${' '.repeat(Math.min(n, 1_200))}- a`),
  ),
  { name: 'front matter of words', text: `---\nname: x\ndescription: ${fill('word ')}\n---\n` },
  { name: 'front matter of keys', text: `---\n${lines(500_000, n => `k${n}: a`)}\n---\n` },
  { name: 'front matter of blanks', text: `---\nname: x\n${fill(' \n')}---\n` },
  { name: 'front matter of aliases', text: `---\nname: &a x\n${fill('k: *a\n')}---\n` },
  { name: 'front matter unclosed', text: `---\n${fill('a: b\n')}` },
  { name: 'dashes', text: fill('---\n') },
]

/** A document at 5 MB: its body over and over. */
function stretched({ name, text }: { name: string; text: string }): HeavyFile {
  const end = text.startsWith('---\n') ? text.indexOf('\n---\n', 3) + 5 : 0
  const head = end > 5 ? text.slice(0, end) : ''
  const body = text.slice(head.length)
  return { name, text: (head + fill(body)).slice(0, SIZE) }
}

/** A usual SKILL.md, to compare with. */
export const usualFile: HeavyFile = {
  name: 'baseline: usual prose',
  text: `${HEAD}${'# Title\n\nSome *words* and a [link](a.md).\n\n'.repeat(100)}`,
}

/** By bytes of UTF-8, of which one character takes up to four. */
const cut = ({ name, text }: HeavyFile): HeavyFile => ({
  name,
  text: Buffer.from(text)
    .subarray(0, SIZE)
    .toString()
    .replace(/\uFFFD+$/, ''),
})

export const heavyFiles = (): HeavyFile[] => [...OWN(), ...heavyDocuments().map(stretched)].map(cut)

/** The second version of a text: every `nth` line is another one. */
export const edited = (text: string, nth = 3): string =>
  text
    .split('\n')
    .map((line, at) => (at > 5 && at % nth === 0 ? `${line}!` : line))
    .join('\n')
    .slice(0, SIZE)
