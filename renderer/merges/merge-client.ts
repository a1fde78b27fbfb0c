import { isLong, type Merged, mergeTexts, type Texts } from './merge-texts.ts'
import type { MergeAnswer, MergeRequest } from './merge-worker.ts'

type Waiting = { resolve: (merged: Merged) => void; reject: (error: Error) => void }

let worker: Worker | undefined
let last = 0
const waiting = new Map<number, Waiting>()

/** Merges two texts: at once where they are short, beside the page where they are long. */
export function mergeBeside(texts: Texts): Promise<Merged> {
  if (!isLong(texts)) return Promise.resolve(mergeTexts(texts))
  const running = worker ?? start()
  worker = running
  last += 1
  const request: MergeRequest = { id: last, texts }
  return new Promise((resolve, reject) => {
    waiting.set(request.id, { resolve, reject })
    running.postMessage(request)
  })
}

function start(): Worker {
  const started = new Worker(new URL('./merge-worker.ts', import.meta.url), { type: 'module', name: 'merge' })
  started.onmessage = (event: MessageEvent<MergeAnswer>) => {
    waiting.get(event.data.id)?.resolve(event.data.merged)
    waiting.delete(event.data.id)
  }
  started.onerror = event => {
    for (const each of waiting.values()) each.reject(new Error(event.message || 'The merge stopped.'))
    waiting.clear()
    worker = undefined
  }
  return started
}
