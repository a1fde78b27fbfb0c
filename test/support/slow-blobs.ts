import type { BlobStore } from '../../electron/registry/blobs.ts'

/** A store whose every PUT takes so many milliseconds longer, however many there are at once: distance, not load. */
export function slowBlobs(store: BlobStore, putMs: number): BlobStore {
  const wait = () => new Promise<void>(resolve => setTimeout(resolve, putMs))
  return {
    ...store,
    put: async (...args) => {
      await wait()
      return await store.put(...args)
    },
  }
}
