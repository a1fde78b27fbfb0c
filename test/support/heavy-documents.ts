/**
 * Texts that are heavy for what they are: each is cheap to write for somebody who means harm, and made parsers, highlighters or
 * layouts take seconds to minutes. Used by the bench of the page (figures) and the end-to-end spec (behaviour).
 */

const MB = 1_000_000

/** `unit` until there are `size` characters. */
const fill = (unit: string, size = MB): string => unit.repeat(Math.ceil(size / unit.length))

const HEAD = '---\nname: heavy\ndescription: A heavy document.\n---\n\n'

export type HeavyDocument = { name: string; path: string; text: string }

const markdown = (name: string, body: string): HeavyDocument => ({ name, path: 'SKILL.md', text: `${HEAD}${body}\n` })
const other = (name: string, path: string, text: string): HeavyDocument => ({ name, path, text })

/** About 1 MB each where nothing else is said. */
export const heavyDocuments = (): HeavyDocument[] => [
  markdown('open links', fill('[a](')),
  markdown('empty links', fill('[](x)')),
  markdown('open emphasis', fill('*a_ ')),
  markdown('open bold', fill('**a ')),
  markdown('bold inside', fill('a**b')),
  markdown('open strike', fill('~~a')),
  markdown('open images', fill('![')),
  markdown('open brackets', fill('[')),
  markdown('backticks', fill('`a``b')),
  markdown('entities', fill('&amp;&#x41;&bogus')),
  markdown('autolinks', fill('www.')),
  markdown('addresses', fill('http://a.b/c ')),
  markdown('angle brackets', fill('<a ')),
  markdown('comments', fill('<!--')),
  markdown('deep quotes', fill('>', 200_000)),
  markdown('deep lists', Array.from({ length: 1_400 }, (_, at) => `${' '.repeat(at)}- a`).join('\n')),
  markdown('deep quotes, many lines', fill(`${'>'.repeat(500)} a\n`)),
  markdown('wide table', `|${fill('a|', 20_000)}\n|${fill('-|', 20_000)}\n${`|${fill('b|', 20_000)}\n`.repeat(40)}`),
  markdown('one letter', fill('a')),
  markdown('words on one line', fill('word ')),
  markdown('one paragraph of short lines', fill('some *words* here\n')),
  markdown('short paragraphs', fill('a\n\n')),
  markdown('headings', fill('# a\n')),
  markdown('line breaks', fill('\n')),
  markdown('setext', fill('a\n=\n')),
  markdown('open fence', `\`\`\`\n${fill('a\n')}`),
  markdown('fences', fill('```\na\n```\n')),
  markdown('reference definitions', fill('[a]: b\n')),
  markdown(
    'reference uses',
    `${Array.from({ length: 20_000 }, (_, at) => `[r${at}]: /x${at}`).join('\n')}\n\n${fill('[r1] ', 500_000)}`,
  ),
  markdown('zero-width spaces', fill('\u200b')),
  markdown('zero-width spaces on lines', fill(`${'\u200b'.repeat(60)}\n`)),
  markdown('right-to-left marks', fill('\u200f')),
  markdown('overrides', fill('\u202ea\u202c')),
  markdown('right-to-left letters', fill('\u05d0\u05d1 ')),
  markdown('mixed directions', fill('\u05d0a1(')),
  markdown('carriage returns', `a\n${fill('\r')}`),
  markdown('controls', fill(`${'a'.repeat(98)}\u0001`)),
  markdown('tags', fill('\u{e0041}', 400_000)),
  markdown('combining marks', fill(`a${'\u0301'.repeat(2_000)}`)),
  markdown('emoji', fill('\u{1f468}\u200d\u{1f469}\u200d\u{1f467}')),
  markdown('tabs', fill('\t')),
  other('front matter of aliases', 'SKILL.md', `---\nname: &a x\n${fill('k: *a\n', 19_000)}---\n\nBody.\n`),
  other('front matter of 1 MB', 'SKILL.md', `---\nname: x\n${fill('k: [[[[\n')}---\n\nBody.\n`),
  other('unclosed front matter', 'SKILL.md', `---\n${fill('key: value\n')}`),
  other('deep YAML', 'deep.yaml', `a: ${fill('[', 500_000)}`),
  other('flat YAML', 'flat.yaml', fill('a: b\n')),
  other('YAML on one line', 'line.yaml', `a: "${fill('\\u0041')}"`),
  other('links to check', 'SKILL.md', `${HEAD}${fill('[a](b/c/d.md)\n')}`),
]

/** The same, of as many bytes as the largest text that is shown may have. */
export const largeDocuments = (): HeavyDocument[] => [
  ...LARGE_UNITS.map(([name, unit]) =>
    markdown(`5 MB: ${name}`, fill(unit, (5 * MB * unit.length) / Buffer.byteLength(unit))),
  ),
  other('5 MB: YAML', 'large.yaml', fill('key: value of some length\n', 5 * MB)),
  other('5 MB: program', 'large.py', fill('print("a line of a program")\n', 5 * MB)),
]

const LARGE_UNITS = [
  ['open links', '[a]('],
  ['open bold', '**a '],
  ['open strike', '~~a'],
  ['open images', '!['],
  ['backticks', '`a``b'],
  ['autolinks', 'www.'],
  ['zero-width spaces', '\u200b'],
  ['zero-width spaces on lines', `${'\u200b'.repeat(60)}\n`],
  ['right-to-left letters', '\u05d0\u05d1 '],
  ['right-to-left lines', `${'\u05d0\u05d1 '.repeat(20)}\n`],
  ['one line', 'word '],
  ['one letter', 'a'],
  ['a million lines', 'some\n'],
  ['only line breaks', '\n'],
  ['short paragraphs', 'a\n\n'],
  ['list', '- a\n'],
  ['headings', '# a\n'],
  ['prose', 'This is a sentence of some length, as in a book.\n\n'],
  ['long paragraphs', `${'This is a *sentence* of some length. '.repeat(100)}\n\n`],
  ['windows lines', 'Some words\r\n'],
] as const
