import fs from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { HOSTILE_PATHS, PLAIN_PATHS } from '../test/support/hostile-names.ts'
import { SafeFolder } from './safe-folder.ts'

let sandbox = ''
let root = ''
beforeEach(() => {
  sandbox = fs.realpathSync(fs.mkdtempSync(path.join(tmpdir(), 'safe-')))
  root = path.join(sandbox, 'a', 'root')
  fs.mkdirSync(path.join(sandbox, 'elsewhere'))
})
afterEach(() => fs.rmSync(sandbox, { recursive: true, force: true }))

const file = (name: string, text = 'text', executable = false) => ({ path: name, bytes: Buffer.from(text), executable })
const everything = () => fs.readdirSync(sandbox, { recursive: true, encoding: 'utf8' }).sort()

/** By handle is Linux's alone; by path is what other systems do, and runs everywhere. */
const ways = [...(process.platform === 'linux' ? [true] : []), false]

describe.each(ways)('below an opened folder (by handle: %s)', byHandle => {
  const open = async (): Promise<SafeFolder> => {
    const opened = await SafeFolder.open(root, { byHandle })
    if ('ok' in opened) throw new Error(opened.message)
    return opened
  }

  test('plain names are written as they are, with their bits, and replaced only where that is asked', async () => {
    const folder = await open()
    for (const name of PLAIN_PATHS) expect(await folder.write(file(name, name), { replace: false })).toBeUndefined()
    for (const name of PLAIN_PATHS) expect(fs.readFileSync(path.join(root, ...name.split('/')), 'utf8')).toBe(name)
    expect(await folder.write(file('SKILL.md', 'other'), { replace: false })).toMatchObject({ code: 'FILE_EXISTS' })
    expect(fs.readFileSync(path.join(root, 'SKILL.md'), 'utf8')).toBe('SKILL.md')
    expect(await folder.write(file('SKILL.md', 'other', true), { replace: true })).toBeUndefined()
    expect(fs.readFileSync(path.join(root, 'SKILL.md'), 'utf8')).toBe('other')
    if (process.platform !== 'win32') expect(fs.statSync(path.join(root, 'SKILL.md')).mode & 0o111).not.toBe(0)
    expect(everything().filter(name => name.endsWith('.part'))).toEqual([])
    await folder.close()
  })

  test.each(HOSTILE_PATHS)('%j is written nowhere, as a file or as a folder', async name => {
    const folder = await open()
    const before = everything()
    for (const replace of [false, true])
      expect(await folder.write(file(name), { replace })).toMatchObject({ ok: false, code: 'PATH_REFUSED' })
    expect(await folder.below(name, { empty: false })).toMatchObject({ ok: false, code: 'PATH_REFUSED' })
    expect(everything()).toEqual(before)
    await folder.close()
  })

  describe.skipIf(process.platform === 'win32')('links', () => {
    test('to a folder outside: neither written through nor opened', async () => {
      const folder = await open()
      fs.symlinkSync(path.join(sandbox, 'elsewhere'), path.join(root, 'link'))
      expect(await folder.write(file('link/x'), { replace: true })).toMatchObject({ code: 'LINK_IN_THE_WAY' })
      expect(await folder.below('link', { empty: false })).toMatchObject({ code: 'LINK_IN_THE_WAY' })
      expect(fs.readdirSync(path.join(sandbox, 'elsewhere'))).toEqual([])
      await folder.close()
    })

    test('in a file’s own place: what it leads to is left as it is', async () => {
      const folder = await open()
      fs.writeFileSync(path.join(sandbox, 'elsewhere', 'x'), 'not ours')
      fs.symlinkSync(path.join(sandbox, 'elsewhere', 'x'), path.join(root, 'x'))
      expect(await folder.write(file('x'), { replace: false })).toMatchObject({ code: 'FILE_EXISTS' })
      expect(await folder.write(file('x'), { replace: true })).toBeUndefined()
      expect(fs.readFileSync(path.join(sandbox, 'elsewhere', 'x'), 'utf8')).toBe('not ours')
      await folder.close()
    })

    test('put in a folder’s place between two files: nothing goes where it leads', async () => {
      const folder = await open()
      expect(await folder.write(file('deep/er/one'), { replace: false })).toBeUndefined()
      fs.renameSync(path.join(root, 'deep'), path.join(sandbox, 'moved'))
      fs.mkdirSync(path.join(sandbox, 'elsewhere', 'er'))
      fs.symlinkSync(path.join(sandbox, 'elsewhere'), path.join(root, 'deep'))
      const second = await folder.write(file('deep/er/two'), { replace: false })
      expect(second).toMatchObject({ ok: false, code: 'LINK_IN_THE_WAY' })
      expect(fs.readdirSync(path.join(sandbox, 'elsewhere', 'er'))).toEqual([])
      await folder.close()
    })

    test('put in the root’s place: nothing goes where it leads', async () => {
      const folder = await open()
      fs.renameSync(root, path.join(sandbox, 'moved'))
      fs.symlinkSync(path.join(sandbox, 'elsewhere'), root)
      expect(await folder.write(file('x'), { replace: false })).toMatchObject({ code: 'LINK_IN_THE_WAY' })
      expect(fs.readdirSync(path.join(sandbox, 'elsewhere'))).toEqual([])
      await folder.close()
    })
  })
})
