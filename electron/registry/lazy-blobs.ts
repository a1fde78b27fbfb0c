import { type BlobFailure, type BlobStore, isBlobFailure } from './blobs.ts'

type Opened = { kind: 'open'; store: BlobStore } | BlobFailure

/**
 * A store that is opened by the first call to it. One that cannot be opened (a share that is not there yet) is each
 * call's failure, and tried again by the next call.
 */
export function lazyBlobs(open: () => Promise<Opened>): BlobStore {
  let opening: Promise<Opened> | undefined
  let closed = false
  const opened = async (): Promise<Opened> => {
    if (closed) return { kind: 'retry', message: 'The connection to the team’s storage was closed here.' }
    opening ??= open()
    const mine = opening
    const answer = await mine
    if (answer.kind !== 'open' && opening === mine) opening = undefined
    return answer
  }
  const use = async <T>(call: (store: BlobStore) => Promise<T>): Promise<T | BlobFailure> => {
    const answer = await opened()
    return answer.kind === 'open' ? await call(answer.store) : answer
  }
  return {
    put: (hash, bytes, options) => use(store => store.put(hash, bytes, options)),
    get: (hash, options) => use(store => store.get(hash, options)),
    readRange: (hash, range, options) => use(store => store.readRange(hash, range, options)),
    stream: (hash, write, options) => use(store => store.stream(hash, write, options)),
    has: (hashes, options) => use(store => store.has(hashes, options)),
    list: options => use(store => store.list(options)),
    repair: (hash, bytes, options) => use(store => store.repair(hash, bytes, options)),
    close: () => {
      closed = true
      void opening?.then(answer => !isBlobFailure(answer) && answer.store.close())
    },
  }
}
