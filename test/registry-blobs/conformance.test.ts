import { randomBytes } from 'node:crypto'
import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type BlobEntry, type BlobStore, blobKey, MAX_BLOB_BYTES, sha256 } from '../../electron/registry/blobs.ts'
import { STORES, type StoreUnderTest } from './stores.ts'

const MB = 1024 * 1024
const fresh = (size: number) => {
  const bytes = randomBytes(size)
  return { bytes, hash: sha256(bytes) }
}

function flipped(bytes: Uint8Array): Uint8Array {
  const other = Uint8Array.from(bytes)
  other[other.length >> 1] = (other[other.length >> 1] ?? 0) ^ 1
  return other
}

async function listAll(store: BlobStore): Promise<BlobEntry[]> {
  const entries: BlobEntry[] = []
  for (let after: string | undefined; ; ) {
    const page = await store.list({ after })
    if (page.kind !== 'page') throw new Error(page.message)
    entries.push(...page.entries)
    if (page.next === undefined) return entries
    after = page.next
  }
}

describe.each(STORES)('blobs in $name', ({ start }) => {
  let at: StoreUnderTest
  beforeAll(async () => {
    at = await start()
  })
  afterAll(() => at[Symbol.asyncDispose]())

  test.each([0, 1, 4_096, 300_000, 8 * MB, 8 * MB + 1])('keeps %i bytes as they are', async size => {
    const { bytes, hash } = fresh(size)
    expect(await at.store.get(hash)).toEqual({ kind: 'missing' })
    expect(await at.store.put(hash, bytes)).toEqual({ kind: 'stored' })
    const read = await at.another.get(hash, { size })
    expect(read.kind === 'found' && Buffer.compare(read.bytes, bytes)).toBe(0)
    expect(await at.another.put(hash, bytes)).toEqual({ kind: 'present' })
    expect(await at.store.has([hash])).toEqual({ kind: 'answer', present: new Map([[hash, size]]) })
  })

  test('takes bytes that are a window of larger ones', async () => {
    const { bytes } = fresh(1_000)
    const window = bytes.subarray(100, 600)
    const hash = sha256(window)
    expect(await at.store.put(hash, window)).toEqual({ kind: 'stored' })
    const read = await at.store.get(hash)
    expect(read.kind === 'found' && Buffer.compare(read.bytes, window)).toBe(0)
  })

  test('stores nothing under a name that is not the bytes’', async () => {
    const { bytes, hash } = fresh(1_000)
    const wrong = flipped(bytes)
    expect(await at.store.put(hash, wrong)).toMatchObject({ kind: 'damaged', size: 1_000, sha256: sha256(wrong) })
    expect(await at.store.repair(hash, wrong)).toMatchObject({ kind: 'damaged' })
    expect(await at.store.get(hash)).toEqual({ kind: 'missing' })
  })

  test('refuses what is larger than any file may be', async () => {
    const bytes = Buffer.alloc(MAX_BLOB_BYTES + 1)
    const put = await at.store.put(sha256(bytes), bytes)
    expect(put).toMatchObject({ kind: 'refused', message: expect.stringContaining('50 MB') })
  })

  test('checks what is there already, as far as it is asked to', async () => {
    const { bytes, hash } = fresh(1_000)
    await at.plant(hash, flipped(bytes))
    expect(await at.store.put(hash, bytes)).toMatchObject({ kind: 'damaged', sha256: sha256(flipped(bytes)) })
    expect(await at.store.put(hash, bytes, { verify: 'size' })).toEqual({ kind: 'present' })
    const shorter = fresh(1_000)
    await at.plant(shorter.hash, shorter.bytes.subarray(1))
    expect(await at.store.put(shorter.hash, shorter.bytes, { verify: 'size' })).toMatchObject({ kind: 'damaged' })
    expect(await at.store.put(shorter.hash, shorter.bytes, { verify: 'none' })).toEqual({ kind: 'present' })
  })

  const harm = {
    flipped,
    truncated: (bytes: Uint8Array) => bytes.subarray(0, -1),
    longer: (bytes: Uint8Array) => Buffer.concat([bytes, Buffer.of(0)]),
    empty: () => new Uint8Array(),
    swapped: () => fresh(50_000).bytes,
  }
  test.each(Object.entries(harm))('never hands over a blob that is %s, and mends it', async (_, harmed) => {
    const { bytes, hash } = fresh(50_000)
    expect(await at.store.put(hash, bytes)).toEqual({ kind: 'stored' })
    await at.plant(hash, harmed(bytes))
    expect(await at.store.get(hash)).toMatchObject({ kind: 'damaged' })
    expect(await at.store.get(hash, { size: 50_000 })).toMatchObject({ kind: 'damaged' })
    expect(await at.store.stream(hash, () => {})).toMatchObject({ kind: 'damaged' })
    expect(await at.store.repair(hash, bytes)).toEqual({ kind: 'stored' })
    expect(await at.another.get(hash)).toMatchObject({ kind: 'found' })
    expect(await at.store.repair(hash, bytes)).toEqual({ kind: 'present' })
  })

  test('mends what was lost', async () => {
    const { bytes, hash } = fresh(500)
    expect(await at.store.put(hash, bytes)).toEqual({ kind: 'stored' })
    await at.remove(hash)
    expect(await at.store.get(hash)).toEqual({ kind: 'missing' })
    expect(await at.store.repair(hash, bytes)).toEqual({ kind: 'stored' })
    expect(await at.store.get(hash)).toMatchObject({ kind: 'found' })
  })

  test('streams in order, one chunk at a time', async () => {
    const { bytes, hash } = fresh(3 * MB + 5)
    await at.store.put(hash, bytes)
    const chunks: Uint8Array[] = []
    let open = 0
    const read = await at.store.stream(hash, async chunk => {
      expect(++open).toBe(1)
      chunks.push(Uint8Array.from(chunk))
      await new Promise(setImmediate)
      open--
    })
    expect(read).toEqual({ kind: 'found', size: 3 * MB + 5 })
    expect(chunks.length).toBeGreaterThan(1)
    expect(Buffer.compare(Buffer.concat(chunks), bytes)).toBe(0)
    expect(await at.store.stream(fresh(32).hash, () => {})).toEqual({ kind: 'missing' })
  })

  test('a reader that fails is heard as it is', async () => {
    const { bytes, hash } = fresh(MB)
    await at.store.put(hash, bytes)
    const full = Object.assign(new Error('disk full'), { code: 'ENOSPC' })
    const reading = at.store.stream(hash, () => Promise.reject(full))
    await expect(reading).rejects.toBe(full)
  })

  test('reads parts', async () => {
    const { bytes, hash } = fresh(10_000)
    await at.store.put(hash, bytes)
    const part = async (start: number, length: number) => {
      const read = await at.store.readRange(hash, { start, length })
      if (read.kind !== 'part') throw new Error(read.kind)
      expect(read.size).toBe(10_000)
      return Buffer.from(read.bytes)
    }
    expect(await part(0, 10)).toEqual(bytes.subarray(0, 10))
    expect(await part(2_500, 5_000)).toEqual(bytes.subarray(2_500, 7_500))
    expect(await part(9_990, 500)).toEqual(bytes.subarray(9_990))
    expect(await part(5, 0)).toEqual(Buffer.alloc(0))
    expect(await part(10_000, 5)).toEqual(Buffer.alloc(0))
    expect(await part(99_999, 5)).toEqual(Buffer.alloc(0))
    expect(await at.store.readRange(fresh(9).hash, { start: 0, length: 1 })).toEqual({ kind: 'missing' })
  })

  test('tells which of many are there', async () => {
    const all = Array.from({ length: 120 }, (_, n) => fresh(n + 1))
    const stored = all.filter((_, n) => n % 2 === 0)
    await Promise.all(stored.map(({ hash, bytes }) => at.store.put(hash, bytes)))
    const has = await at.another.has(
      all.map(({ hash }) => hash),
      { concurrency: 8 },
    )
    const expected = new Map(stored.map(({ hash, bytes }) => [hash, bytes.length]))
    expect(has).toEqual({ kind: 'answer', present: expected })
    expect(await at.store.has([])).toEqual({ kind: 'answer', present: new Map() })
    expect(await at.store.has([fresh(5).hash])).toEqual({ kind: 'answer', present: new Map() })
  })

  test('lists everything, and what is no blob as such', async () => {
    const blobs = Array.from({ length: 30 }, (_, n) => fresh(n + 40))
    await Promise.all(blobs.map(({ hash, bytes }) => at.store.put(hash, bytes)))
    await at.putKey('blobs/sha256/zz/hello.txt', Buffer.from('hello'))
    const misplaced = `blobs/sha256/00/${'f'.repeat(64)}`
    await at.putKey(misplaced, Buffer.from('hi'))
    const entries = await listAll(at.store)
    const sizes = new Map(entries.map(entry => [entry.hash ?? entry.key, entry.size]))
    for (const { hash, bytes } of blobs) expect(sizes.get(hash)).toBe(bytes.length)
    expect(sizes.get('blobs/sha256/zz/hello.txt')).toBe(5)
    expect(sizes.get(misplaced)).toBe(2)
    expect(new Set(entries.map(entry => entry.key)).size).toBe(entries.length)
    expect(entries.every(entry => entry.modifiedAt > 0)).toBe(true)
  })

  test.each([2_000, 9 * MB])('of many who store the same %i bytes at once, all succeed', async size => {
    const { bytes, hash } = fresh(size)
    const writers = size > MB ? 3 : 16
    const puts = await Promise.all(
      Array.from({ length: writers }, (_, n) => (n % 2 ? at.store : at.another).put(hash, bytes)),
    )
    const kinds = puts.map(put => put.kind)
    expect(kinds.filter(kind => kind !== 'stored' && kind !== 'present')).toEqual([])
    expect(kinds).toContain('stored')
    if (size <= MB) expect(kinds.filter(kind => kind === 'stored')).toHaveLength(1)
    expect(await at.store.get(hash)).toMatchObject({ kind: 'found' })
  })

  test('does nothing once it is called off', async () => {
    const { bytes, hash } = fresh(100)
    const signal = AbortSignal.abort()
    const cancelled = { kind: 'cancelled' }
    expect(await at.store.put(hash, bytes, { signal })).toMatchObject(cancelled)
    expect(await at.store.get(hash, { signal })).toMatchObject(cancelled)
    expect(await at.store.stream(hash, () => {}, { signal })).toMatchObject(cancelled)
    expect(await at.store.readRange(hash, { start: 0, length: 1 }, { signal })).toMatchObject(cancelled)
    expect(await at.store.has([hash], { signal })).toMatchObject(cancelled)
    expect(await at.store.list({ signal })).toMatchObject(cancelled)
    expect(await at.store.repair(hash, bytes, { signal })).toMatchObject(cancelled)
    expect(await at.store.get(hash)).toEqual({ kind: 'missing' })
  })

  test('stops in the middle when it is called off', async () => {
    const { bytes, hash } = fresh(4 * MB)
    await at.store.put(hash, bytes)
    const stop = new AbortController()
    let read = 0
    const ended = await at.store.stream(
      hash,
      chunk => {
        read += chunk.length
        stop.abort()
      },
      { signal: stop.signal },
    )
    expect(ended).toMatchObject({ kind: 'cancelled' })
    expect(read).toBeLessThan(4 * MB)
  })

  test('a name that is no hash is a bug', async () => {
    const names = ['', '../../etc/passwd', 'A'.repeat(64), `${'a'.repeat(63)}/`, 'a'.repeat(65)]
    for (const name of names) {
      await expect(async () => at.store.get(name)).rejects.toThrow('Not a SHA-256')
      await expect(async () => at.store.has([name])).rejects.toThrow('Not a SHA-256')
      await expect(async () => at.store.readRange(name, { start: 0, length: 1 })).rejects.toThrow('Not a SHA-256')
      await expect(async () => at.store.put(name, new Uint8Array())).rejects.toThrow('Not a SHA-256')
    }
  })

  test('does as a map of names to bytes would, whatever the order', async () => {
    const blobs = Array.from({ length: 4 }, (_, n) => fresh(n * 700))
    const step = fc.record({
      blob: fc.nat({ max: blobs.length - 1 }),
      act: fc.constantFrom('put', 'get', 'has', 'plant', 'repair', 'remove'),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 25 }), async steps => {
        const model = new Map<string, 'sound' | 'damaged'>()
        const has = await at.store.has(blobs.map(({ hash }) => hash))
        if (has.kind === 'answer') for (const hash of has.present.keys()) await at.remove(hash)
        for (const { act, blob } of steps) await obey(at, model, act, blobs[blob] ?? fresh(1))
      }),
      { numRuns: 25 },
    )
  })
})

async function obey(
  at: StoreUnderTest,
  model: Map<string, 'sound' | 'damaged'>,
  act: 'put' | 'get' | 'has' | 'plant' | 'repair' | 'remove',
  { hash, bytes }: { hash: string; bytes: Uint8Array },
): Promise<void> {
  const state = model.get(hash) ?? 'absent'
  switch (act) {
    case 'put':
      expect((await at.store.put(hash, bytes)).kind).toBe(
        { sound: 'present', damaged: 'damaged', absent: 'stored' }[state],
      )
      if (state === 'absent') model.set(hash, 'sound')
      return
    case 'get':
      expect((await at.another.get(hash)).kind).toBe({ sound: 'found', damaged: 'damaged', absent: 'missing' }[state])
      return
    case 'has': {
      const has = await at.another.has([hash])
      expect(has.kind === 'answer' && has.present.has(hash)).toBe(state !== 'absent')
      return
    }
    case 'plant':
      await at.plant(hash, Buffer.from(`not ${blobKey(hash)}`))
      model.set(hash, 'damaged')
      return
    case 'repair':
      expect((await at.store.repair(hash, bytes)).kind).toBe(state === 'sound' ? 'present' : 'stored')
      model.set(hash, 'sound')
      return
    case 'remove':
      if (state !== 'absent') await at.remove(hash)
      model.delete(hash)
      return
    default:
      act satisfies never
  }
}
