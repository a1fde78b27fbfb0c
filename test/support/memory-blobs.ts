import {
  type BlobStore,
  blobKey,
  CANCELLED,
  checkBytes,
  type GetResult,
  hashOfKey,
  type PutOptions,
  type PutResult,
  refuseBytes,
  refuseSize,
} from '../../electron/registry/blobs.ts'

/** What a memory store holds: by key. Tests may put anything in, as a stranger could. */
export type MemoryObjects = Map<string, { bytes: Uint8Array; modifiedAt: number }>

const PAGE = 100

/** The blob store of simulations: every call answers in the next turn, and nothing else happens. */
export function memoryBlobs(objects: MemoryObjects = new Map(), clock: () => number = () => 0): BlobStore {
  const find = (hash: string) => objects.get(blobKey(hash))?.bytes
  const set = (hash: string, bytes: Uint8Array): PutResult => {
    objects.set(blobKey(hash), { bytes: Uint8Array.from(bytes), modifiedAt: clock() })
    return { kind: 'stored' }
  }
  const read = (hash: string, size: number | undefined): GetResult => {
    const bytes = find(hash)
    if (bytes === undefined) return { kind: 'missing' }
    return refuseSize(bytes.length, size) ?? checkBytes(hash, bytes)
  }
  const confirm = (hash: string, size: number, verify: PutOptions['verify'] = 'hash'): PutResult => {
    if (verify === 'none') return { kind: 'present' }
    if (verify === 'size') return refuseSize(find(hash)?.length ?? 0, size) ?? { kind: 'present' }
    const there = read(hash, size)
    return there.kind === 'damaged' ? there : { kind: 'present' }
  }
  return {
    put: async (hash, bytes, { signal, verify } = {}) => {
      if (signal?.aborted) return CANCELLED
      const refused = refuseBytes(hash, bytes)
      if (refused) return refused
      return find(hash) === undefined ? set(hash, bytes) : confirm(hash, bytes.length, verify)
    },
    get: async (hash, { signal, size } = {}) => (signal?.aborted ? CANCELLED : read(hash, size)),
    readRange: async (hash, { start, length }, { signal } = {}) => {
      if (signal?.aborted) return CANCELLED
      const bytes = find(hash)
      if (bytes === undefined) return { kind: 'missing' }
      return { kind: 'part', bytes: bytes.slice(start, start + length), size: bytes.length }
    },
    stream: async (hash, write, { signal, size } = {}) => {
      if (signal?.aborted) return CANCELLED
      const bytes = find(hash)
      if (bytes === undefined) return { kind: 'missing' }
      const wrong = refuseSize(bytes.length, size)
      if (wrong) return wrong
      for (let at = 0; at < bytes.length; at += 64 * 1024) {
        await write(bytes.slice(at, at + 64 * 1024))
        if (signal?.aborted) return CANCELLED
      }
      const verdict = checkBytes(hash, bytes)
      return verdict.kind === 'found' ? { kind: 'found', size: bytes.length } : verdict
    },
    has: async (hashes, { signal } = {}) => {
      if (signal?.aborted) return CANCELLED
      const there = hashes.flatMap((hash): [string, number][] => {
        const bytes = find(hash)
        return bytes === undefined ? [] : [[hash, bytes.length]]
      })
      return { kind: 'answer', present: new Map(there) }
    },
    list: async ({ signal, after = '' } = {}) => {
      if (signal?.aborted) return CANCELLED
      const keys = [...objects.keys()].filter(key => key > after).sort()
      const entries = keys.slice(0, PAGE).flatMap(key => {
        const object = objects.get(key)
        const hash = hashOfKey(key)
        return object
          ? [{ key, size: object.bytes.length, modifiedAt: object.modifiedAt, ...(hash ? { hash } : {}) }]
          : []
      })
      const last = entries.at(-1)
      return { kind: 'page', entries, ...(keys.length > PAGE && last ? { next: last.key } : {}) }
    },
    repair: async (hash, bytes, { signal } = {}) => {
      if (signal?.aborted) return CANCELLED
      const refused = refuseBytes(hash, bytes)
      if (refused) return refused
      return read(hash, bytes.length).kind === 'found' ? { kind: 'present' } : set(hash, bytes)
    },
    close: () => {},
  }
}
