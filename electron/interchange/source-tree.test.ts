import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { gzipSync } from 'node:zlib'
import { zipSync } from 'fflate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/support/backend.ts'
import { type SourceTree, treeOfBytes, treeOfPath } from './source-tree.ts'

const LONG = `${'quite-long-name/'.repeat(10)}name-${'x'.repeat(80)}.txt`
let folder: string
const put = (name: string, text: string) => {
  fs.mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
  fs.writeFileSync(path.join(folder, name), text)
}
const open = (name: string, bytes: Uint8Array): SourceTree => {
  const opened = treeOfBytes(name, bytes)
  if (!opened.ok) throw new Error(opened.message)
  return opened.tree
}
const textIn = (tree: SourceTree, one: string) => Buffer.from(tree.read(one) ?? []).toString('utf8')

beforeAll(() => {
  folder = temporaryFolder()
  put('in/a.txt', 'a')
  put('in/b/c.txt', 'c')
  put(`in/${LONG}`, 'long')
  put('in/.git/config', 'x')
  put('secret', 'secret')
  fs.symlinkSync('../secret', path.join(folder, 'in', 'link'))
  fs.symlinkSync('..', path.join(folder, 'in', 'up'))
})
afterAll(() => fs.rmSync(folder, { recursive: true }))

describe('where files come from', () => {
  test('a folder: its plain files, none by way of a link', () => {
    const opened = treeOfPath(path.join(folder, 'in'))
    if (!opened.ok) throw new Error(opened.message)
    expect(opened.tree.paths).toEqual(['a.txt', 'b/c.txt', LONG])
    expect(textIn(opened.tree, 'b/c.txt')).toBe('c')
    for (const outside of ['link', 'up/secret', '../secret', '/etc/passwd', 'b/../../secret', 'b\\c.txt', 'b'])
      expect(opened.tree.read(outside), outside).toBeUndefined()
  })

  test.each(['ustar', 'gnu', 'pax'])('a packed tar archive as %s', format => {
    const bytes = execFileSync('tar', [
      'czf',
      '-',
      `--format=${format}`,
      '-C',
      path.join(folder, 'in'),
      './a.txt',
      './b',
      ...(format === 'ustar' ? [] : [`./${LONG}`]),
      'link',
    ])
    const tree = open('some.tar.gz', bytes)
    expect(tree.paths).toEqual(['a.txt', 'b/c.txt', ...(format === 'ustar' ? [] : [LONG])])
    expect(textIn(tree, 'b/c.txt')).toBe('c')
  })

  test('a zip archive, without what points outside', () => {
    const names = ['a/b.json', '../out.json', '/abs.json', '__MACOSX/x', '.GIT/config']
    const tree = open('some.zip', zipSync(Object.fromEntries(names.map(name => [name, Buffer.from(name)]))))
    expect(tree.paths).toEqual(['a/b.json'])
    expect(tree.refused?.map(({ path: name }) => name)).toEqual([
      'some.zip: ../out.json',
      'some.zip: /abs.json',
      'some.zip: .GIT/config',
    ])
  })

  test('a single file, also packed', () => {
    expect(textIn(open('a.json', Buffer.from('{}')), 'a.json')).toBe('{}')
    expect(textIn(open('a.json.gz', gzipSync('{}')), 'a.json')).toBe('{}')
  })

  test.each([
    [
      'bomb.json.gz',
      () => Buffer.concat(Array(2).fill(gzipSync(Buffer.alloc(33 * 1024 * 1024)))),
      'unpacks to more than is read here',
    ],
    [
      'bomb.tar.gz',
      () => Buffer.concat(Array(5).fill(gzipSync(Buffer.alloc(64 * 1024 * 1024)))),
      'unpacks to more than is read here',
    ],
    [
      'cut.tar.gz',
      () => gzipSync(execFileSync('tar', ['cf', '-', '-C', path.join(folder, 'in'), 'a.txt']).subarray(0, 512)),
      'cut off',
    ],
    ['not.tar', () => Buffer.alloc(1024, 65), 'damaged'],
    ['not.zip', () => Buffer.from('PK\x03\x04 nothing'), 'cannot be unpacked'],
  ])('%s is refused in words', (name, bytes, message) => {
    expect(treeOfBytes(name, bytes())).toMatchObject({ ok: false, message: expect.stringContaining(message) })
  })

  test('what is not there is said', () => {
    expect(treeOfPath(path.join(folder, 'nowhere'))).toMatchObject({
      ok: false,
      message: expect.stringContaining('nowhere'),
    })
  })
})
