import { createRequire } from 'node:module'
import { Worker } from 'node:worker_threads'
import { z } from 'zod'

/** How long a pattern or a schema may take. */
export const GRADING_LIMIT_MS = 1_000

/**
 * Patterns and schemas are written by strangers, and both can be made to run for years. So they run in a thread of their own,
 * which is ended when it takes too long; the next job gets a new one.
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
])
type Answer = z.infer<typeof answer> | { kind: 'slow' }
type Job =
  | { kind: 'regex'; pattern: string; flags: string; text: string }
  | { kind: 'schema'; schema: unknown; json: string }

export class GradingRoom {
  #worker: Worker | undefined
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
    const worker = await this.#open()
    return new Promise((resolve, reject) => {
      const settle = (how: () => void) => {
        clearTimeout(timer)
        worker.off('message', heard)
        worker.off('error', broken)
        how()
      }
      const heard = (message: unknown) => settle(() => resolve(answer.parse(message)))
      const broken = (error: Error) => {
        this.#worker = undefined
        // Out of memory, most likely: the job's fault, not ours.
        settle(() => resolve({ kind: 'unusable', reason: error.message }))
      }
      const timer = setTimeout(() => {
        this.#worker = undefined
        settle(() => {
          worker.terminate().then(() => resolve({ kind: 'slow' }), reject)
        })
      }, this.#limitMs)
      worker.once('message', heard)
      worker.once('error', broken)
      worker.postMessage(job)
    })
  }

  /** Started, with all it needs read, before the clock of a job runs. */
  async #open(): Promise<Worker> {
    if (this.#worker) return this.#worker
    const require = createRequire(import.meta.url)
    const workerData = {
      ajv: require.resolve('ajv'),
      ajv2019: require.resolve('ajv/dist/2019'),
      ajv2020: require.resolve('ajv/dist/2020'),
    }
    const worker = new Worker(CODE, {
      eval: true,
      workerData,
      env: {},
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: 256 },
    })
    worker.unref()
    await new Promise<void>((resolve, reject) => {
      worker.once('message', () => resolve())
      worker.once('error', reject)
    })
    this.#worker = worker
    return worker
  }

  async close(): Promise<void> {
    await this.#last.catch(() => {})
    await this.#worker?.terminate()
    this.#worker = undefined
  }
}
