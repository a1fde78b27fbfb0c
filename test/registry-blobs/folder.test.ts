import { spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import fs from 'node:fs'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { blobKey, sha256 } from '../../electron/registry/blobs.ts'
import { openFolderBlobs } from '../../electron/registry/folder-blobs.ts'
import { giveName } from '../../electron/registry/folder-files.ts'
import { initFolderBlobs } from '../../electron/registry/folder-mark.ts'
import { openBlobs } from '../../electron/registry/open-blobs.ts'
import { temporaryFolder } from '../support/temporary.ts'
import { newFolderStore } from './stores.ts'

/** The other tests of this adapter are the conformance suite's; here is what only a file system can do to it. */
const fresh = (size: number) => {
  const bytes = randomBytes(size)
  return { bytes, hash: sha256(bytes) }
}
/** The same for everybody, so that several processes store the same. */
const numbered = (n: number) => Buffer.alloc(1 + n * 3_000, `blob ${n} `)

let outer: string
let root: string
beforeEach(() => {
  outer = temporaryFolder()
  root = path.join(outer, 'team')
  fs.mkdirSync(root)
})
afterEach(() => fs.rmSync(outer, { recursive: true, force: true }))

const filesBelow = (folder: string): string[] =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))

/** A process of its own that stores numbered blobs, in an order of its own, and says each answer on a line. */
function writer(from: number, count: number) {
  const here = JSON.stringify(path.join(import.meta.dirname, '../../electron/registry/'))
  const script = `
    const { openFolderBlobs } = await import(${here} + 'folder-blobs.ts')
    const { sha256 } = await import(${here} + 'blobs.ts')
    const { store } = await openFolderBlobs(${JSON.stringify(root)})
    for (let n = 0; n < ${count}; n++) {
      const at = (${from} + n) % ${count}
      const bytes = Buffer.alloc(1 + at * 3_000, 'blob ' + at + ' ')
      console.log((await store.put(sha256(bytes), bytes)).kind)
    }`
  return spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] })
}

describe('processes', () => {
  test('killed anywhere leave whole blobs or none, and the next ones finish', async () => {
    const store = await newFolderStore(root)
    for (let round = 0; round < 8; round++) {
      const child = writer(0, 40)
      const ended = once(child, 'exit')
      let lines = 0
      // After another number of answers in each round, so at another point of the one that is under way.
      for await (const _ of createInterface(child.stdout)) if (++lines > round * 3) child.kill('SIGKILL')
      await ended
      for (const file of filesBelow(path.join(root, 'blobs')))
        expect(sha256(fs.readFileSync(file))).toBe(path.basename(file))
    }
    for (let n = 0; n < 40; n++) {
      const bytes = numbered(n)
      expect(['stored', 'present']).toContain((await store.put(sha256(bytes), bytes)).kind)
      expect(await store.get(sha256(bytes))).toMatchObject({ kind: 'found' })
    }
  })

  test('that store the same at once each succeed, and each blob is stored by one of them', async () => {
    await newFolderStore(root)
    const children = [0, 10, 20].map(from => writer(from, 30))
    const all: string[] = []
    const readAll = async (child: (typeof children)[number]) => {
      for await (const line of createInterface(child.stdout)) all.push(line)
    }
    await Promise.all(children.map(readAll))
    expect(all).toHaveLength(90)
    expect(all.filter(answer => answer === 'stored')).toHaveLength(30)
    expect(all.filter(answer => answer === 'present')).toHaveLength(60)
    expect(filesBelow(path.join(root, 'blobs'))).toHaveLength(30)
    expect(fs.readdirSync(path.join(root, 'incoming'))).toEqual([])
  })
})

describe('what a crash leaves', () => {
  test('half a file on its way in is nobody’s blob, and is listed', async () => {
    const store = await newFolderStore(root)
    const { bytes, hash } = fresh(1_000)
    fs.writeFileSync(path.join(root, 'incoming', 'crashed.part'), bytes.subarray(0, 500))
    expect(await store.get(hash)).toEqual({ kind: 'missing' })
    expect(await store.put(hash, bytes)).toEqual({ kind: 'stored' })
    const listed = await store.list()
    expect(listed.kind === 'page' && listed.entries.map(entry => entry.key)).toEqual([
      'incoming/crashed.part',
      blobKey(hash),
    ])
  })

  test('an empty folder of a prefix, or a file that still has its first name, is in nobody’s way', async () => {
    const store = await newFolderStore(root)
    const { bytes, hash } = fresh(1_000)
    const file = path.join(root, blobKey(hash))
    fs.mkdirSync(path.dirname(file))
    expect(await store.get(hash)).toEqual({ kind: 'missing' })
    const part = path.join(root, 'incoming', 'crashed.part')
    fs.writeFileSync(part, bytes)
    fs.linkSync(part, file)
    expect(await store.put(hash, bytes)).toEqual({ kind: 'present' })
  })
})

describe('a link is not followed', () => {
  test('in a blob’s place', async () => {
    const store = await newFolderStore(root)
    const { bytes, hash } = fresh(100)
    const elsewhere = path.join(outer, 'elsewhere')
    fs.writeFileSync(elsewhere, bytes)
    fs.mkdirSync(path.dirname(path.join(root, blobKey(hash))))
    fs.symlinkSync(elsewhere, path.join(root, blobKey(hash)))
    expect(await store.get(hash)).toMatchObject({ kind: 'refused' })
    expect(await store.put(hash, bytes)).toMatchObject({ kind: 'refused' })
    expect(await store.readRange(hash, { start: 0, length: 1 })).toMatchObject({ kind: 'refused' })
    expect(await store.has([hash])).toEqual({ kind: 'answer', present: new Map() })
    const listed = await store.list()
    expect(listed.kind === 'page' && listed.entries).toEqual([expect.not.objectContaining({ hash: expect.anything() })])
  })

  test('in a folder’s place', async () => {
    const elsewhere = path.join(outer, 'elsewhere')
    fs.mkdirSync(elsewhere)
    const { bytes, hash } = fresh(100)
    const store = await newFolderStore(root)
    const prefix = path.join(root, 'blobs', 'sha256', hash.slice(0, 2))
    fs.symlinkSync(elsewhere, prefix)
    expect(await store.put(hash, bytes)).toMatchObject({ kind: 'refused' })
    fs.writeFileSync(path.join(elsewhere, hash), bytes)
    expect(await store.get(hash)).toMatchObject({ kind: 'refused' })
    fs.rmSync(path.join(elsewhere, hash))
    fs.rmSync(prefix)
    fs.rmdirSync(path.join(root, 'incoming'))
    fs.symlinkSync(elsewhere, path.join(root, 'incoming'))
    expect(await store.put(hash, bytes)).toMatchObject({ kind: 'refused' })
    expect(fs.readdirSync(elsewhere)).toEqual([])
  })

  test('nor is a folder or a pipe in a blob’s place read', async ctx => {
    const store = await newFolderStore(root)
    const { bytes, hash } = fresh(100)
    const file = path.join(root, blobKey(hash))
    fs.mkdirSync(file, { recursive: true })
    expect(await store.get(hash)).toMatchObject({ kind: 'refused' })
    expect(await store.put(hash, bytes)).toMatchObject({ kind: 'refused' })
    fs.rmdirSync(file)
    if (spawnSync('mkfifo', [file]).status !== 0) return ctx.skip('This system has no named pipes.')
    expect(await store.get(hash)).toMatchObject({ kind: 'refused' })
    expect(await store.put(hash, bytes)).toMatchObject({ kind: 'refused' })
  })

  test('but the team’s folder itself may be one', async () => {
    await newFolderStore(root)
    fs.symlinkSync(root, path.join(outer, 'shortcut'))
    const opened = await openFolderBlobs(path.join(outer, 'shortcut'))
    const { bytes, hash } = fresh(100)
    expect(opened.kind === 'open' && (await opened.store.put(hash, bytes)).kind).toBe('stored')
  })
})

describe('the folder', () => {
  test('that is not there is not made', async () => {
    const gone = path.join(outer, 'gone')
    expect(await openFolderBlobs(gone)).toMatchObject({ kind: 'missing-bucket' })
    expect(await initFolderBlobs(gone, () => 'id')).toMatchObject({ kind: 'missing-bucket' })
    expect(fs.existsSync(gone)).toBe(false)
  })

  test('of a share that is not connected any more gets nothing, and nothing is called missing', async () => {
    const store = await newFolderStore(root)
    const { bytes, hash } = fresh(100)
    fs.rmSync(root, { recursive: true })
    fs.mkdirSync(root)
    for (const answer of [
      await store.put(hash, bytes),
      await store.get(hash),
      await store.stream(hash, () => {}),
      await store.readRange(hash, { start: 0, length: 1 }),
      await store.has([hash]),
      await store.list(),
      await store.repair(hash, bytes),
    ])
      expect(answer).toMatchObject({ kind: 'missing-bucket', message: expect.stringContaining('share is connected') })
    expect(fs.readdirSync(root)).toEqual([])
  })

  test('that another one took the place of gets nothing from it called missing', async () => {
    const store = await newFolderStore(root)
    const { hash } = fresh(100)
    expect(await store.get(hash)).toEqual({ kind: 'missing' })
    fs.rmSync(path.join(root, 'whetstone-blobs.json'))
    await newFolderStore(root)
    expect(await store.get(hash)).toMatchObject({ kind: 'missing-bucket' })
    expect(await store.has([hash])).toMatchObject({ kind: 'missing-bucket' })
  })

  test('has an id, and another folder is not taken for it', async () => {
    expect(await initFolderBlobs(root, () => 'first')).toEqual({ kind: 'ready', id: 'first' })
    expect(await initFolderBlobs(root, () => 'second')).toEqual({ kind: 'ready', id: 'first' })
    expect(await openFolderBlobs(root, { id: 'first' })).toMatchObject({ kind: 'open', id: 'first' })
    expect(await openFolderBlobs(root, { id: 'second' })).toMatchObject({ kind: 'missing-bucket' })
    expect(await openBlobs({ kind: 'folder', path: root, id: 'first' })).toMatchObject({ kind: 'open' })
    expect(await openBlobs({ kind: 'folder', path: root, id: 'second' })).toMatchObject({ kind: 'missing-bucket' })
    fs.writeFileSync(path.join(root, 'whetstone-blobs.json'), '{"format":2,"id":"first"}')
    expect(await openFolderBlobs(root, { id: 'first' })).toMatchObject({ kind: 'missing-bucket' })
  })

  test('made by two at once has one id', async () => {
    const ids = Array.from({ length: 6 }, (_, n) => `id ${n}`)
    const made = await Promise.all(ids.map(id => initFolderBlobs(root, () => id)))
    const [first] = made
    for (const one of made) expect(one).toEqual(first)
    expect(first).toMatchObject({ kind: 'ready' })
  })

  test('on a file system without hard links still creates once', async () => {
    await newFolderStore(root)
    const noLinks = () => Promise.reject(Object.assign(new Error('no links here'), { code: 'EPERM' }))
    const part = (text: string) => {
      const file = path.join(root, 'incoming', `${text}.part`)
      fs.writeFileSync(file, text)
      return file
    }
    const file = path.join(root, 'blobs', 'named')
    expect(await giveName(part('first'), file, noLinks)).toBe('created')
    expect(await giveName(part('second'), file, noLinks)).toBe('taken')
    expect(fs.readFileSync(file, 'utf8')).toBe('first')
    expect(fs.readdirSync(path.join(root, 'incoming'))).toEqual([])
  })

  const asRoot = process.getuid?.() === 0
  test.skipIf(asRoot || process.platform === 'win32')(
    `that may not be written to says so${asRoot ? ' (skipped: root may write everywhere)' : ''}`,
    async () => {
      const store = await newFolderStore(root)
      const { bytes, hash } = fresh(100)
      fs.chmodSync(path.join(root, 'incoming'), 0o500)
      expect(await store.put(hash, bytes)).toMatchObject({ kind: 'denied' })
      fs.chmodSync(path.join(root, 'incoming'), 0o700)
      expect(await store.put(hash, bytes)).toEqual({ kind: 'stored' })
    },
  )

  test('on a full disk stores nothing, says so, and goes on when there is room', async ctx => {
    const mounted = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', root])
    if (mounted.status !== 0) return ctx.skip('A small disk can only be made by root, on Linux.')
    try {
      const store = await newFolderStore(root)
      fs.writeFileSync(path.join(root, 'filler'), randomBytes(700_000))
      const { bytes, hash } = fresh(500_000)
      expect(await store.put(hash, bytes)).toMatchObject({ kind: 'quota' })
      expect(await store.get(hash)).toEqual({ kind: 'missing' })
      expect(fs.readdirSync(path.join(root, 'incoming'))).toEqual([])
      fs.rmSync(path.join(root, 'filler'))
      expect(await store.put(hash, bytes)).toEqual({ kind: 'stored' })
    } finally {
      spawnSync('umount', [root])
    }
  })
})
