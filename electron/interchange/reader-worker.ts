import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { CasesRead } from './case-forms.ts'
import type { ReadTask, ResultsAnswer } from './read-task.ts'

/** Where entry/reader lies: beside the sources, or as built (this module then is in out/main or a chunk below it). */
const PLACES = ['../entry/reader.ts', './reader.js', '../reader.js']

/** Of the thread that reads: what the limits of its readers allow takes a third of it. */
export const READER_LIMITS = { ms: 30_000, heapMb: 1_536 } as const

export type ReaderOptions = { signal?: AbortSignal | undefined; limitMs?: number; heapMb?: number }
type Tasks = { cases: CasesRead; results: ResultsAnswer }

/**
 * Reads what a person or a colleague brings in a thread of its own, so that nothing waits for it whatever it holds. What takes too long
 * or too much memory is answered as unreadable; rejects with the signal's reason when it is aborted.
 */
export async function readInWorker<K extends ReadTask['kind']>(
  task: Extract<ReadTask, { kind: K }>,
  { signal, limitMs = READER_LIMITS.ms, heapMb = READER_LIMITS.heapMb }: ReaderOptions = {},
): Promise<Tasks[K]> {
  const module = PLACES.map(place => fileURLToPath(new URL(place, import.meta.url))).find(place => fs.existsSync(place))
  if (module === undefined) throw new Error('The app is incomplete: entry/reader is missing.')
  signal?.throwIfAborted()
  const resourceLimits = { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 64 }
  const worker = new Worker(module, { workerData: task, name: 'reader', env: {}, execArgv: [], resourceLimits })
  const unreadable = (message: string) => ({ ok: false, message }) as const
  let timer: NodeJS.Timeout | undefined
  let onAbort: (() => void) | undefined
  return new Promise<Tasks[K]>((resolve, reject) => {
    timer = setTimeout(
      () => resolve(unreadable(`Reading took longer than ${limitMs / 1_000} s, so it was stopped.`)),
      limitMs,
    )
    onAbort = () => reject(signal?.reason)
    signal?.addEventListener('abort', onAbort, { once: true })
    worker.once('message', (read: Tasks[K]) => resolve(read))
    worker.once('error', error => {
      if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY')
        resolve(unreadable('It holds more than fits into memory, so reading was stopped.'))
      else reject(error)
    })
    worker.once('exit', code => reject(new Error(`The thread that reads ended (${code}).`)))
  }).finally(async () => {
    clearTimeout(timer)
    if (onAbort) signal?.removeEventListener('abort', onAbort)
    await worker.terminate()
  })
}
