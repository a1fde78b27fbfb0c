import { spawn } from 'node:child_process'
import type { EventEmitter } from 'node:events'
import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'

/** How long a pattern or a schema may compute, and how long one waits for that on a computer that is busy with other things. */
export const GRADING_LIMIT_MS = 1_000
const WAIT_FACTOR = 10

/**
 * Patterns and schemas are written by strangers, and both can be made to run for years or to take all memory. So they run in a process
 * of their own, which is ended when it takes too long; the next job gets a new one.
 */
const CODE = `
const { parentPort, workerData } = require('node:worker_threads')
const drafts = { 7: require(workerData.ajv), 2019: require(workerData.ajv2019), 2020: require(workerData.ajv2020) }
const validator = schema => {
  const uri = typeof schema === 'object' && schema !== null && typeof schema.$schema === 'string' ? schema.$schema : ''
  const Ajv = drafts[uri.includes('2020-12') ? 2020 : uri.includes('2019-09') ? 2019 : 7].default
  return new Ajv({ allErrors: false, strict: false, validateFormats: false, addUsedSchema: false, logger: false })
}
const work = job => {
  if (job.kind === 'regex') {
    const found = new RegExp(job.pattern, job.flags).exec(job.text)
    return { kind: 'regex', found: found ? { at: found.index, length: found[0].length } : null }
  }
  const ajv = validator(job.schema)
  const validate = ajv.compile(job.schema)
  const ok = validate(JSON.parse(job.json))
  return { kind: 'schema', problem: ok ? null : ajv.errorsText(validate.errors, { dataVar: 'the JSON' }).slice(0, 500) }
}
parentPort.on('message', job => {
  try {
    parentPort.postMessage(work(job))
  } catch (error) {
    parentPort.postMessage({ kind: 'unusable', reason: String(error && error.message || error).slice(0, 300) })
  }
})
parentPort.postMessage('ready')`

const answer = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('regex'), found: z.object({ at: z.number(), length: z.number() }).nullable() }),
  z.object({ kind: z.literal('schema'), problem: z.string().nullable() }),
  /** The pattern or schema itself is wrong. */
  z.object({ kind: z.literal('unusable'), reason: z.string() }),
  z.object({ kind: z.literal('slow') }),
])
type Answer = z.infer<typeof answer>
type Job =
  | { kind: 'regex'; pattern: string; flags: string; text: string }
  | { kind: 'schema'; schema: unknown; json: string }

/**
 * The process: `CODE` runs in a thread of it, so that it still hears that its parent is gone and ends, whatever the thread is at.
 * What a thread cannot survive (memory that the compiler of patterns does not get) ends this process alone.
 */
const HOST = `
const { Worker } = require('node:worker_threads')
const [, code, data] = process.argv
const resourceLimits = { maxOldGenerationSizeMb: 256 }
const worker = new Worker(code, { eval: true, workerData: JSON.parse(data), env: {}, execArgv: [], resourceLimits })
process.on('disconnect', () => process.exit())
const { limitMs } = JSON.parse(data)
const used = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000 }
let watch
process.on('message', job => {
  const began = used()
  watch = setInterval(() => {
    if (used() - began > limitMs) process.send({ kind: 'slow' }, () => process.exit())
  }, limitMs / 10)
  worker.postMessage(job)
})
worker.on('message', answer => {
  clearInterval(watch)
  process.send(answer)
})
worker.on('error', error => process.send({ kind: 'unusable', reason: error.message }, () => process.exit()))`

/** Where jobs are done: emits `message` for each answer, `error`, and `exit` when it is gone. */
type Place = { events: EventEmitter; post: (job: Job) => void; end: () => void }

export class GradingRoom {
  #place: Place | undefined
  #last: Promise<unknown> = Promise.resolve()
  readonly #limitMs: number

  constructor(limitMs = GRADING_LIMIT_MS) {
    this.#limitMs = limitMs
  }

  /** One job after the other, so that the limit is each one's own. */
  ask(job: Job): Promise<Answer> {
    const mine = this.#last.then(() => this.#run(job))
    this.#last = mine.catch(() => {})
    return mine
  }

  async #run(job: Job): Promise<Answer> {
    const place = await this.#open()
    const { events } = place
    return new Promise(resolve => {
      const settle = (found: Answer) => {
        clearTimeout(timer)
        events.off('message', heard)
        events.off('exit', gone)
        if (found.kind === 'slow') this.#leave()
        resolve(found)
      }
      const heard = (message: unknown) => settle(answer.parse(message))
      // Out of memory, most likely: the job's fault, not ours.
      const gone = () => settle({ kind: 'unusable', reason: 'it needs too much memory.' })
      const timer = setTimeout(() => settle({ kind: 'slow' }), this.#limitMs * WAIT_FACTOR)
      events.once('message', heard)
      events.once('exit', gone)
      place.post(job)
    })
  }

  /** Started, with all it needs read, before the clock of a job runs. */
  async #open(): Promise<Place> {
    if (this.#place) return this.#place
    const require = createRequire(import.meta.url)
    const data = {
      limitMs: this.#limitMs,
      ajv: require.resolve('ajv'),
      ajv2019: require.resolve('ajv/dist/2019'),
      ajv2020: require.resolve('ajv/dist/2020'),
    }
    // Electron's binary is no Node for others, so there it is a thread; patterns are checked before they get here.
    const place = process.versions.electron === undefined ? inProcess(data) : inThread(data)
    // The first message says that it is ready. An `error` without a listener would end this process.
    await new Promise<void>((resolve, reject) => {
      place.events.once('message', () => resolve())
      place.events.once('exit', () => reject(new Error('What grades patterns and schemas ended before it began.')))
      place.events.on('error', reject)
    })
    place.events.once('exit', () => {
      if (this.#place === place) this.#place = undefined
    })
    this.#place = place
    return place
  }

  #leave(): void {
    this.#place?.end()
    this.#place = undefined
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {})
    this.#leave()
  }
}

function inProcess(data: object): Place {
  const env = process.platform === 'win32' ? { SystemRoot: process.env.SystemRoot } : {}
  const child = spawn(process.execPath, ['--eval', HOST, CODE, JSON.stringify(data)], {
    env,
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    windowsHide: true,
  })
  child.unref()
  child.channel?.unref()
  return { events: child, post: job => child.send(job, () => {}), end: () => child.kill('SIGKILL') }
}

function inThread(workerData: object): Place {
  const resourceLimits = { maxOldGenerationSizeMb: 256 }
  const worker = new Worker(CODE, { eval: true, workerData, env: {}, execArgv: [], resourceLimits })
  worker.unref()
  return { events: worker, post: job => worker.postMessage(job), end: () => void worker.terminate() }
}
