import { expect, test } from 'vitest'
import { type LogEntry, LogParser } from './git-log.ts'

const id = (digit: string) => digit.repeat(40)
const raw = (from: string, to: string, status: string) => `:${from} ${to} ${id('0')} ${id('9')} ${status}`
const head = (commit: string, author = 'A <a@b> 1700000000 +0200') =>
  `${commit}\ntree ${id('7')}\nparent ${id('a')}\nparent ${id('b')}\nauthor ${author}\ncommitter C <c@d> 1 +0000\n`

const LOG = Buffer.from(
  [
    `commit ${head(`${id('1')} ${id('2')} ${id('3')}`)}\n    Subject\n    \n    :100644 body\n\n${raw('100644', '100755', 'M')}\0a/größe\n"x"\0`,
    `${raw('100644', '100644', 'R087')}\0from\0to\0${raw('100644', '000000', 'D')}\0gone\0\0`,
    `commit ${head(id('2'), 'No mail 12')}\n    no changes\n\0`,
    `commit ${head(id('3'), '<> <x>y> 99999999999999999999 +0000')}gpgsig -----BEGIN\n \n commit nonsense\n\n${raw('000000', '120000', 'A')}\0`,
  ].join(''),
)
const bytes = Buffer.concat([LOG, Buffer.from('caf\xe9\0', 'latin1')])

function parse(...chunks: Buffer[]): LogEntry[] {
  const entries: LogEntry[] = []
  const parser = new LogParser(entry => entries.push(entry))
  for (const chunk of chunks) parser.push(chunk)
  parser.end()
  return entries
}

test('commits, their changes, and what is odd about them', () => {
  const [one, two, three, ...more] = parse(bytes)
  expect(more).toEqual([])
  expect(one).toMatchObject({
    children: 2,
    parents: [id('a'), id('b')],
    commit: {
      id: id('1'),
      author: { name: 'A', email: 'a@b' },
      time: 1_700_000_000_000,
      message: 'Subject\n\n:100644 body',
    },
  })
  expect(one?.changes).toMatchObject([
    { kind: 'write', path: 'a/größe\n"x"', mode: '100755', oid: id('9'), badPath: false },
    { kind: 'rename', from: 'from', path: 'to' },
    { kind: 'delete', path: 'gone' },
  ])
  expect(two).toMatchObject({
    changes: [],
    children: 0,
    commit: { message: 'no changes', author: { name: '' }, time: 0 },
  })
  // A date beyond what JavaScript can hold is no date; a signature is no message.
  expect(three?.commit).toMatchObject({ author: { email: '> <x>y' }, time: 0, message: '' })
  expect(three?.changes).toMatchObject([{ path: 'caf\uFFFD', badPath: true, mode: '120000' }])
})

test('the same wherever the bytes are cut', () => {
  const whole = parse(bytes)
  for (let at = 0; at <= bytes.length; at++) expect(parse(bytes.subarray(0, at), bytes.subarray(at))).toEqual(whole)
  expect(parse(...[...bytes].map(byte => Buffer.of(byte)))).toEqual(whole)
})

test('what is no log is a bug, not a history', () => {
  expect(() => parse(Buffer.from('warning: hello\0'))).toThrow('git log')
})
