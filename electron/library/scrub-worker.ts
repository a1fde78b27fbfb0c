import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { ScrubFound, ScrubProgress } from './scrub.ts'

type FromWorker = { kind: 'progress'; progress: ScrubProgress } | { kind: 'found'; found: ScrubFound }

/** Where entry/scrub lies: beside the sources, or as built (this module then is in out/main or a chunk below it). */
const PLACES = ['../entry/scrub.ts', './scrub.js', '../scrub.js']

/**
 * `scrubFile` in a thread of its own, so that nothing waits for it. Rejects with the signal's reason when it is aborted: the
 * thread ends between two slices.
 */
export function scrubInWorker(
  file: string,
  onProgress: (progress: ScrubProgress) => void,
  signal?: AbortSignal,
): Promise<ScrubFound> {
  const module = PLACES.map(place => fileURLToPath(new URL(place, import.meta.url))).find(place => fs.existsSync(place))
  if (module === undefined) throw new Error('The app is incomplete: entry/scrub is missing.')
  signal?.throwIfAborted()
  const stop = new SharedArrayBuffer(4)
  const worker = new Worker(module, { workerData: { file, stop }, name: 'scrub' })
  const onAbort = () => Atomics.store(new Int32Array(stop), 0, 1)
  signal?.addEventListener('abort', onAbort)
  return new Promise<ScrubFound>((resolve, reject) => {
    worker.on('message', (message: FromWorker) => {
      if (message.kind === 'progress') onProgress(message.progress)
      else if (signal?.aborted === true) reject(signal.reason)
      else resolve(message.found)
    })
    worker.once('error', reject)
    worker.once('exit', code => reject(new Error(`The thread that scrubs ended (${code}).`)))
  }).finally(() => {
    signal?.removeEventListener('abort', onAbort)
    void worker.terminate()
  })
}
