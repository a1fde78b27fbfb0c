import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { Worker } from 'node:worker_threads'
import { ran } from './sync/fuzz-worker.ts'
import { runHistory } from './sync/history.ts'
import { planOf } from './sync/plan.ts'
import { sayPlan, shrink } from './sync/shrink.ts'

/**
 * `npm run fuzz [-- --histories 100000] [--seed 1] [--workers n] [--go-on] [--having restore]`: simulated histories of several
 * computers and one registry, each from a seed of its own, on all cores. Stops at the first that goes wrong (`--go-on`: at
 * the end), makes it smaller and says how to see it again. `--having`: of these seeds, those alone in which that kind of step
 * happens. `--trace`: the one history of `--seed`, line by line.
 */
const { values } = parseArgs({
  options: {
    histories: { type: 'string', default: '100000' },
    seed: { type: 'string', default: '1' },
    workers: { type: 'string', default: String(availableParallelism()) },
    trace: { type: 'boolean', default: false },
    'go-on': { type: 'boolean', default: false },
    having: { type: 'string' },
  },
})
const first = Number(values.seed)
const BATCH = 50

process.exitCode = values.trace ? await traceOne(first) : await fuzz(first, Number(values.histories))

async function traceOne(seed: number): Promise<number> {
  const plan = planOf(seed)
  const { trace, wrong, hash } = await runHistory(plan, { keepTrace: true })
  console.log(`${sayPlan(plan)}\n\n${trace.join('\n')}\n\n${hash}`)
  for (const what of wrong) console.log(`✗ ${what}`)
  return wrong.length === 0 ? 0 : 1
}

async function fuzz(from: number, histories: number): Promise<number> {
  const began = performance.now()
  const sums = { done: 0, events: 0, crashes: 0, versions: 0 }
  const failed: { seed: number; wrong: string[] }[] = []
  let next = from
  let said = 0
  const stopped = () => failed.length > 0 && !values['go-on']
  const say = () => {
    const seconds = (performance.now() - began) / 1000
    console.log(
      `${sums.done} of ${histories} histories, ${failed.length} wrong; ${(sums.done / seconds).toFixed(0)} a second; ` +
        `${sums.events} events, ${sums.crashes} crashes, ${sums.versions} versions`,
    )
  }
  const work = (worker: Worker) =>
    new Promise<void>((resolve, reject) => {
      const give = () => {
        const count = Math.min(BATCH, from + histories - next)
        if (count <= 0 || stopped()) return resolve()
        worker.postMessage({ from: next, count, having: values.having })
        next += count
      }
      worker.once('error', reject)
      worker.on('message', message => {
        const sum = ran.parse(message)
        sums.done += sum.count
        sums.events += sum.events
        sums.crashes += sum.crashes
        sums.versions += sum.versions
        failed.push(...sum.failed)
        for (const { seed, wrong } of sum.failed) console.log(`✗ seed ${seed}: ${wrong[0]}`)
        if (performance.now() - said > 10_000) {
          said = performance.now()
          say()
        }
        give()
      })
      give()
    })
  const workers = Array.from(
    { length: Math.max(1, Number(values.workers)) },
    () => new Worker(new URL('./sync/fuzz-worker.ts', import.meta.url)),
  )
  await Promise.all(workers.map(work))
  await Promise.all(workers.map(worker => worker.terminate()))
  say()
  failed.sort((a, b) => a.seed - b.seed)
  const [one] = failed
  if (!one) return 0
  console.log(`\nAgain, line by line: npm run fuzz -- --seed ${one.seed} --trace\nMade smaller:`)
  const small = await shrink(planOf(one.seed))
  console.log(`${sayPlan(small.plan)}\n${small.history.wrong.map(what => `✗ ${what}`).join('\n')}`)
  return 1
}
