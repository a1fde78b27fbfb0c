import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import { budgetedWorker } from './budgeted-worker.ts'

beforeEach(() => {
  vi.useFakeTimers()
})
afterEach(() => {
  vi.useRealTimers()
})

/** A worker whose thread is the test: it says what it was sent, and answers when told to. */
function threads() {
  const started: { sent: string[]; ended: boolean; say: (data: unknown) => void; fail: (message: string) => void }[] =
    []
  const start = () => {
    const thread = { sent: [] as string[], ended: false, say: (_: unknown) => {}, fail: (_: string) => {} }
    started.push(thread)
    const worker: Pick<Worker, 'postMessage' | 'terminate' | 'onmessage' | 'onerror'> = {
      onmessage: null,
      onerror: null,
      postMessage: (text: string) => thread.sent.push(text),
      terminate: () => {
        thread.ended = true
      },
    }
    thread.say = data => Reflect.apply(worker.onmessage ?? (() => {}), worker, [{ data }])
    thread.fail = message => Reflect.apply(worker.onerror ?? (() => {}), worker, [{ message }])
    return worker
  }
  return { started, start }
}

test('a job is sent once the worker is loaded, and its answer comes back', async () => {
  const { started, start } = threads()
  const worker = budgetedWorker<string, string>(start, 1_000)
  const answer = worker.run('one')
  expect(started[0]?.sent).toEqual([])
  started[0]?.say('ready')
  expect(started[0]?.sent).toEqual(['one'])
  started[0]?.say({ answer: 'done one' })
  expect(await answer).toEqual({ kind: 'done', answer: 'done one' })
})

test('a job beyond its budget is ended with its worker, and the next one gets a new worker', async () => {
  const { started, start } = threads()
  const worker = budgetedWorker<string, string>(start, 1_000)
  const long = worker.run('long')
  started[0]?.say('ready')
  const next = worker.run('next')
  vi.advanceTimersByTime(1_000)
  expect(await long).toEqual({ kind: 'too-long' })
  expect(started[0]?.ended).toBe(true)
  started[1]?.say('ready')
  expect(started[1]?.sent).toEqual(['next'])
  started[1]?.say({ answer: 'done' })
  expect(await next).toEqual({ kind: 'done', answer: 'done' })
})

test('loading the worker is no part of the budget', async () => {
  const { started, start } = threads()
  const answer = budgetedWorker<string, string>(start, 1_000).run('one')
  vi.advanceTimersByTime(60_000)
  started[0]?.say('ready')
  started[0]?.say({ answer: 'done' })
  expect(await answer).toEqual({ kind: 'done', answer: 'done' })
})

test('of jobs that wait only the newest is done', async () => {
  const { started, start } = threads()
  const worker = budgetedWorker<string, string>(start, 1_000)
  const first = worker.run('first')
  started[0]?.say('ready')
  const second = worker.run('second')
  const third = worker.run('third')
  expect(await second).toEqual({ kind: 'superseded' })
  started[0]?.say({ answer: 1 })
  expect(started[0]?.sent).toEqual(['first', 'third'])
  started[0]?.say({ answer: 3 })
  expect(await first).toEqual({ kind: 'done', answer: 1 })
  expect(await third).toEqual({ kind: 'done', answer: 3 })
})

test('a worker that fails is told of and replaced', async () => {
  const { started, start } = threads()
  const worker = budgetedWorker<string, string>(start, 1_000)
  const first = worker.run('first')
  started[0]?.fail('out of memory')
  expect(await first).toEqual({ kind: 'failed', message: 'out of memory' })
  void worker.run('second')
  expect(started.length).toBe(2)
})
