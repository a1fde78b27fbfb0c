/**
 * Work on a text beside the page, within a budget of time: a job that takes longer is ended with its worker, and the next one gets
 * a new worker. One job at a time; of those that wait only the newest is worth doing.
 *
 * The worker says `'ready'` once it is loaded, for loading is not the job's time; then it is sent a request and answers once.
 */
export type Outcome<Answer> =
  | { kind: 'done'; answer: Answer }
  /** The budget was spent. */
  | { kind: 'too-long' }
  /** A newer job came before this one began. */
  | { kind: 'superseded' }
  | { kind: 'failed'; message: string }

type WorkerLike = Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'>

type Job<Request, Answer> = { request: Request; settle: (outcome: Outcome<Answer>) => void }

export type BudgetedWorker<Request, Answer> = {
  run: (request: Request) => Promise<Outcome<Answer>>
  /** Loads the worker before it is needed. */
  warmUp: () => void
}

/** `start` makes the worker, with the first job. `budgetMs`: for one job. */
export function budgetedWorker<Request, Answer>(
  start: () => WorkerLike,
  budgetMs: number,
): BudgetedWorker<Request, Answer> {
  let worker: WorkerLike | undefined
  let ready = false
  let running: Job<Request, Answer> | undefined
  let waiting: Job<Request, Answer> | undefined
  let timer: ReturnType<typeof setTimeout> | undefined

  function finish(outcome: Outcome<Answer>): void {
    clearTimeout(timer)
    const done = running
    running = undefined
    done?.settle(outcome)
    next()
  }

  function end(outcome: Outcome<Answer>): void {
    worker?.terminate()
    worker = undefined
    ready = false
    finish(outcome)
  }

  function next(): void {
    if (running || !waiting) return
    running = waiting
    waiting = undefined
    if (worker && ready) send()
    else worker ??= make()
  }

  function send(): void {
    if (!running) return
    timer = setTimeout(() => end({ kind: 'too-long' }), budgetMs)
    worker?.postMessage(running.request)
  }

  function make(): WorkerLike {
    const made = start()
    made.onmessage = (event: MessageEvent<'ready' | { answer: Answer }>) => {
      if (event.data !== 'ready') return finish({ kind: 'done', answer: event.data.answer })
      ready = true
      send()
    }
    made.onerror = event => end({ kind: 'failed', message: event.message || 'The worker stopped.' })
    return made
  }

  return {
    run: request =>
      new Promise(settle => {
        waiting?.settle({ kind: 'superseded' })
        waiting = { request, settle }
        next()
      }),
    warmUp: () => {
      worker ??= make()
    },
  }
}

/** The other side: says that it is there and answers each request. Runs in the worker. */
export function answerFrom<Request, Answer>(work: (request: Request) => Answer): void {
  self.onmessage = (event: MessageEvent<Request>) => self.postMessage({ answer: work(event.data) })
  self.postMessage('ready')
}
