import { describe, expect, it } from 'vitest'
import { diffLines, splitLines } from './lines.ts'
import { applyDiff } from './patch.ts'
import { diffText } from './text.ts'
import { refine } from './words.ts'

/** Each change as its kind and the lines it takes out and puts in. */
const summary = (a: string, b: string) =>
  diffText(a, b).changes.map(({ kind, aFrom, aTo, bFrom, bTo }) => [kind, a.slice(aFrom, aTo), b.slice(bFrom, bTo)])

/** The changed words as pairs. */
const words = (a: string, b: string) =>
  refine(a, b).map(({ aFrom, aTo, bFrom, bTo }) => [a.slice(aFrom, aTo), b.slice(bFrom, bTo)])

const INSTALL = '## Install\n\nRun the installer and wait for it to finish.\nThen restart the shell.\n\n'
const USE =
  '## Use\n\nOpen a folder of skills and choose one of them.\nEdit it, then save a version with a message.\nCompare it with the last one.\n\n'
const LICENSE = '## License\n\nMIT, see the file of that name in the folder.\n\n'

describe('moved blocks', () => {
  it('finds a section with its heading that moved', () => {
    const [a, b] = [INSTALL + USE + LICENSE, USE + LICENSE + INSTALL]
    const { changes, moves } = diffText(a, b)
    expect(moves).toHaveLength(1)
    expect(a.slice(moves[0]?.aFrom, moves[0]?.aTo)).toBe(INSTALL)
    expect(b.slice(moves[0]?.bFrom, moves[0]?.bTo)).toBe(INSTALL)
    expect(moves[0]?.edited).toBe(false)
    expect(changes.map(change => [change.kind, change.moved])).toEqual([
      ['deleted', 0],
      ['inserted', 0],
    ])
  })

  it('finds it when it was edited on the way, and says what changed', () => {
    const edited = INSTALL.replace('the installer', 'the new installer')
    const b = USE + LICENSE + edited
    const { moves } = diffText(INSTALL + USE + LICENSE, b)
    expect(moves).toHaveLength(1)
    expect(moves[0]?.edited).toBe(true)
    expect(moves[0]?.inner.map(range => b.slice(range.bFrom, range.bTo))).toEqual(['new '])
  })

  it('finds a reworded paragraph of one line', () => {
    const before = 'Always read the whole file before you change a single line of it, and say why you do.\n\n'
    const after = 'Always read the whole file before you change a line of it, and say why you do so.\n\n'
    const { moves } = diffText(before + USE + LICENSE, USE + LICENSE + after)
    expect(moves).toHaveLength(1)
    expect(moves[0]?.edited).toBe(true)
  })

  it('cuts a moved block out of a larger change', () => {
    const a = `# A\n\nsomething old that goes away\n${INSTALL}${USE}${LICENSE}`
    const b = `# A\n\n${USE}${LICENSE}something new at the end\n${INSTALL}`
    const diff = diffText(a, b)
    expect(applyDiff(a, b, diff)).toBe(b)
    const ends = diff.changes.filter(change => change.moved !== undefined)
    expect(ends.map(change => change.kind)).toEqual(['deleted', 'inserted'])
    expect(diff.changes.some(change => change.kind === 'inserted' && change.moved === undefined)).toBe(true)
  })

  it('calls nothing moved that says too little', () => {
    expect(diffText('}\nx\ny\nz\n', 'x\ny\nz\n}\n').moves).toEqual([])
  })
})

describe('kinds of change', () => {
  it('recognises a re-wrapped paragraph', () => {
    const a = '# T\n\nThe quick brown fox jumps\nover the lazy dog and runs\naway.\n\nEnd.\n'
    const b = '# T\n\nThe quick brown\nfox jumps over the lazy\ndog and runs away.\n\nEnd.\n'
    expect(diffText(a, b).changes.map(change => change.kind)).toEqual(['rewrapped'])
  })

  it('recognises a re-wrapped quotation and list item', () => {
    expect(summary('> one two\n> three\n', '> one\n> two three\n')[0]?.[0]).toBe('rewrapped')
    expect(summary('- one two\n  three\n', '- one two three\n')[0]?.[0]).toBe('rewrapped')
  })

  it('recognises a re-wrapped paragraph also beside an insertion and a deletion', () => {
    const before = '- The quick brown fox jumps\n  over the lazy dog and runs\n  away.\n'
    const after = '- The quick brown\n  fox jumps over the lazy\n  dog and runs away.\n'
    const [a, b] = [`# T\n\n${before}\nEnd.\n`, `# T\n\n- New.\n${after}- Another one.\n\nEnd.\n`]
    const diff = diffText(a, b)
    expect(applyDiff(a, b, diff)).toBe(b)
    expect(diff.changes.map(change => change.kind)).toEqual(['inserted', 'rewrapped', 'inserted'])
    expect(diffText(b, a).changes.map(change => change.kind)).toEqual(['deleted', 'rewrapped', 'deleted'])
    expect(diffText(a, b, { prose: false }).changes.map(change => change.kind)).toEqual(['changed'])
  })

  it('does not call it re-wrapped when the breaks mean something', () => {
    expect(summary('one two\nthree\n', 'one\n\ntwo three\n')[0]?.[0]).toBe('changed')
    expect(summary('- one\n- two\n', '- one - two\n')[0]?.[0]).toBe('changed')
    expect(summary('# one\ntwo\n', '# one two\n')[0]?.[0]).toBe('changed')
    expect(summary('one  \ntwo\n', 'one two\n')[0]?.[0]).toBe('changed')
    expect(summary('one two three\n', 'one two four\n')[0]?.[0]).toBe('changed')
  })

  it('does not call code re-wrapped', () => {
    const [a, b] = ['```\ncd x\nmake\n```\n', '```\ncd x make\n```\n']
    expect(summary(a, b)[0]?.[0]).toBe('changed')
    expect(summary('```\nx\n```\ncd x\nmake\n', '```\nx\n```\ncd x make\n')[0]?.[0]).toBe('rewrapped')
    expect(diffText('cd x\nmake\n', 'cd x make\n', { prose: false }).changes[0]?.kind).toBe('changed')
  })

  it('recognises white space alone, and leaves it out when asked to', () => {
    const [a, b] = ['if x:\n  y\n', 'if x:\n    y\n']
    expect(diffText(a, b).changes.map(change => change.kind)).toEqual(['whitespace'])
    expect(diffText(a, b, { ignoreWhitespace: true }).changes).toEqual([])
    expect(summary('a b\n', 'ab\n')[0]?.[0]).toBe('changed')
  })

  it('tells CRLF from LF', () => {
    expect(diffText('a\r\nb\r\n', 'a\nb\n').changes.map(change => change.kind)).toEqual(['whitespace'])
    expect(diffText('a\r\nb\r\n', 'a\nb\n', { ignoreWhitespace: true }).changes).toEqual([])
    expect(words('a b\r\n', 'a c\n')).toEqual([['b\r\n', 'c\n']])
  })

  it('sees a missing final newline', () => {
    expect(summary('a\nb', 'a\nb\n')).toEqual([['whitespace', 'b', 'b\n']])
    expect(splitLines('a\nb')).toEqual(['a\n', 'b'])
  })

  it('takes empty sides', () => {
    expect(summary('', 'a\nb\n')).toEqual([['inserted', '', 'a\nb\n']])
    expect(summary('a\n', '')).toEqual([['deleted', 'a\n', '']])
    expect(summary('', '')).toEqual([])
    expect(diffLines([], [])).toEqual({ hunks: [], hitTimeout: false })
  })
})

describe('natural boundaries', () => {
  it('inserts a list item as a whole', () => {
    const a = '- one\n  more\n- three\n  more\n'
    const b = '- one\n  more\n- two\n  more\n- three\n  more\n'
    expect(summary(a, b)).toEqual([['inserted', '', '- two\n  more\n']])
  })

  it('inserts a section from its heading on', () => {
    const a = '# T\n\n## A\n\ntext\n\n## C\n\ntext\n'
    const b = '# T\n\n## A\n\ntext\n\n## B\n\ntext\n\n## C\n\ntext\n'
    expect(summary(a, b)).toEqual([['inserted', '', '## B\n\ntext\n\n']])
  })

  it('inserts a function with its own brace', () => {
    const a = 'a() {\n  x\n}\n\nc() {\n  x\n}\n'
    const b = 'a() {\n  x\n}\n\nb() {\n  x\n}\n\nc() {\n  x\n}\n'
    expect(summary(a, b)).toEqual([['inserted', '', 'b() {\n  x\n}\n\n']])
  })

  it('inserts a fenced block from fence to fence', () => {
    const a = 'Run:\n\n```bash\none\n```\n\nDone.\n'
    const b = 'Run:\n\n```bash\none\n```\n\n```bash\ntwo\n```\n\nDone.\n'
    expect(summary(a, b)).toEqual([['inserted', '', '```bash\ntwo\n```\n\n']])
  })

  it('inserts a word with the space after it', () => {
    expect(words('a b c', 'a x b c')).toEqual([['', 'x ']])
  })
})

describe('words and characters', () => {
  it('shows changed words, and the changed part of a word', () => {
    expect(words('the quick brown fox', 'the slow brown fox')).toEqual([['quick', 'slow']])
    expect(words('fetchUserData(x)', 'fetchUserRecord(x)')).toEqual([['Data', 'Record']])
    expect(words('version 14', 'version 16')).toEqual([['14', '16']])
  })

  it('shows one change where all words between two places are new', () => {
    expect(words('say foo bar now', 'say baz qux now')).toEqual([['foo bar', 'baz qux']])
  })

  it('never cuts a character in half', () => {
    expect(words('I like 👍🏽 it', 'I like 👍🏿 it')).toEqual([['👍🏽', '👍🏿']])
    expect(words('👩‍👩‍👧 x', '👩‍👩‍👦 x')).toEqual([['👩‍👩‍👧', '👩‍👩‍👦']])
    expect(words('cafe\u0301 noir', 'cafe noir')).toEqual([['e\u0301', 'e']])
    expect(words('a \u0301b', 'a \u0300b')).toEqual([[' \u0301', ' \u0300']])
    expect(words('a 🏽b', 'a 🏿b')).toEqual([[' 🏽', ' 🏿']])
    expect(words('𝒜𝒷', '𝒜𝒸')).toEqual([['𝒷', '𝒸']])
    expect(words('1️⃣ one', '2️⃣ one')).toEqual([['1️⃣', '2️⃣']])
  })

  it('finds words where none are written with spaces', () => {
    expect(words('我们喜欢猫。', '我们喜欢狗。')).toEqual([['猫', '狗']])
    expect(words('パソコンを使って仕事をします', 'スマホを使って勉強をします')).toEqual([
      ['パソコン', 'スマホ'],
      ['仕事', '勉強'],
    ])
    expect(words('ฉันชอบกินข้าวผัดทุกวัน', 'ฉันชอบกินก๋วยเตี๋ยวทุกวัน')).toEqual([['ข้าวผัด', 'ก๋วยเตี๋ยว']])
  })

  it('shows one change where hardly a word is the same, also without spaces', () => {
    const [a, b] = ['天气预报说明天会下雨，请大家出门记得带伞。', '这个软件可以帮助用户管理文件，欢迎下载试用吧。']
    expect(words(a, b)).toEqual([[a, b]])
  })

  it('finds a moved paragraph that was edited, of a script without spaces', () => {
    const moved =
      '在修改任何一行代码之前，请务必完整地阅读整个文件，并且说明你这样做的理由，以便其他人能够理解你的想法。\n\n'
    const { moves } = diffText(moved + USE + LICENSE, USE + LICENSE + moved.replace('完整地', '仔细地'))
    expect(moves).toHaveLength(1)
    expect(moves[0]?.edited).toBe(true)
  })
})
