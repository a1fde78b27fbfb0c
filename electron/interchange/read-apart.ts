import { fork } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import fs from 'node:fs'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import type { CasesRead } from './case-forms.ts'
import type { ReadTask, ResultsAnswer } from './read-task.ts'

/** Where entry/reader lies: beside the sources, or as built (this module then is in out/main or a chunk below it). */
const PLACES = ['../entry/reader.ts', './reader.js', '../reader.js']

/** Of whatever reads: what the limits of its readers allow takes a third of it. */
export const READER_LIMITS = { ms: 30_000, heapMb: 1_536 } as const

export type ReaderOptions = { signal?: AbortSignal | undefined; limitMs?: number; heapMb?: number }
type Tasks = { cases: CasesRead; results: ResultsAnswer }
/** What entry/reader answers. It ends without a word only where memory ran out. */
export type FromReader<K extends ReadTask['kind']> = { read: Tasks[K] } | { failed: string }

/** Where it is read: emits `message` once, `error`, and `exit`. */
type Place = { events: EventEmitter; end: () => void }

/**
 * Reads what a person or a colleague brings apart from the thread that answers, so that nothing waits for it whatever it holds. What
 * takes too long or too much memory is answered as unreadable; rejects with the signal's reason when it is aborted.
 */
export async function readApart<K extends ReadTask['kind']>(
  task: Extract<ReadTask, { kind: K }>,
  { signal, limitMs = READER_LIMITS.ms, heapMb = READER_LIMITS.heapMb }: ReaderOptions = {},
): Promise<Tasks[K]> {
  const module = PLACES.map(place => fileURLToPath(new URL(place, import.meta.url))).find(place => fs.existsSync(place))
  if (module === undefined) throw new Error('The app is incomplete: entry/reader is missing.')
  signal?.throwIfAborted()
  // Electron's binary is no Node for others, so there it is a thread.
  const place =
    process.versions.electron === undefined ? inProcess(module, task, heapMb) : inThread(module, task, heapMb)
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
    place.events.once('message', (answer: FromReader<K>) =>
      'read' in answer ? resolve(answer.read) : reject(new Error(`What reads ended: ${answer.failed}`)),
    )
    place.events.once('error', error => {
      if ('code' in error && error.code === 'ERR_WORKER_OUT_OF_MEMORY') resolve(unreadable(TOO_LARGE))
      else reject(error)
    })
    place.events.once('exit', () => resolve(unreadable(TOO_LARGE)))
  }).finally(() => {
    clearTimeout(timer)
    if (onAbort) signal?.removeEventListener('abort', onAbort)
    place.end()
  })
}

const TOO_LARGE = 'It holds more than fits into memory, so reading was stopped.'

/** V8 may end the whole process where a thread of it runs out of memory: so it is a process of its own that does. */
function inProcess(module: string, task: ReadTask, heapMb: number): Place {
  const child = fork(module, [], {
    env: process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot } : {},
    execArgv: [`--max-old-space-size=${heapMb}`],
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
  })
  child.send(task, () => {})
  return { events: child, end: () => child.kill('SIGKILL') }
}

function inThread(module: string, task: ReadTask, heapMb: number): Place {
  const resourceLimits = { maxOldGenerationSizeMb: heapMb, maxYoungGenerationSizeMb: 64 }
  const worker = new Worker(module, { workerData: task, name: 'reader', env: {}, execArgv: [], resourceLimits })
  return { events: worker, end: () => void worker.terminate() }
}
