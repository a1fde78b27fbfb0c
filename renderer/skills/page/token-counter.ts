/** Counts tokens beside the page: the tokenizer's vocabulary is 2 MB and takes a moment to load. */
type Waiting = { resolve: (tokens: number) => void; reject: (error: Error) => void }

let worker: Worker | undefined
let last = 0
const waiting = new Map<number, Waiting>()

/** Tokens of a text in o200k. The worker starts with the first call and stays. */
export function countInWorker(text: string): Promise<number> {
  const running = worker ?? start()
  last += 1
  const id = last
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject })
    running.postMessage({ id, text })
  })
}

function start(): Worker {
  const started = new Worker(new URL('./token-worker.ts', import.meta.url), { type: 'module' })
  started.onmessage = (event: MessageEvent<{ id: number; tokens: number }>) => {
    waiting.get(event.data.id)?.resolve(event.data.tokens)
    waiting.delete(event.data.id)
  }
  started.onerror = () => {
    for (const each of waiting.values()) each.reject(new Error('The tokens could not be counted.'))
    waiting.clear()
    worker = undefined
  }
  worker = started
  return started
}
