import type { TextDiff, TextDiffOptions } from '../../../shared/domain/diff/text.ts'
import type { DiffRequest } from './diff-worker.ts'

type Waiting = { resolve: (diff: TextDiff) => void; reject: (error: Error) => void }

let worker: Worker | undefined
let last = 0
const waiting = new Map<number, Waiting>()

/** What a person waits for at most; beyond it the diff is right but coarser, and says so. */
export const BUDGET_MS = 250
/** For the closer look that follows where that was not enough. */
export const CLOSER_MS = 5_000

/** Starts the worker before it is needed, so that the first comparison does not wait for it. */
export function warmUp(): void {
  worker ??= start()
}

/** Compares two texts beside the page. */
export function diffInWorker(a: string, b: string, options: TextDiffOptions): Promise<TextDiff> {
  const running = worker ?? start()
  worker = running
  last += 1
  const request: DiffRequest = { id: last, a, b, options }
  return new Promise((resolve, reject) => {
    waiting.set(request.id, { resolve, reject })
    running.postMessage(request)
  })
}

function start(): Worker {
  const started = new Worker(new URL('./diff-worker.ts', import.meta.url), { type: 'module', name: 'diff' })
  started.onmessage = (event: MessageEvent<{ id: number; diff: TextDiff }>) => {
    waiting.get(event.data.id)?.resolve(event.data.diff)
    waiting.delete(event.data.id)
  }
  started.onerror = event => {
    for (const each of waiting.values()) each.reject(new Error(event.message || 'The comparison stopped.'))
    waiting.clear()
    worker = undefined
  }
  return started
}
