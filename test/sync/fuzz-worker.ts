import { parentPort } from 'node:worker_threads'
import { z } from 'zod'
import { runHistory } from './history.ts'
import { planOf } from './plan.ts'

/** Runs the histories of the seeds it is given, one message an answer. */
export const batch = z.object({ from: z.int(), count: z.int(), having: z.string().optional() })
export const ran = z.object({
  from: z.int(),
  count: z.int(),
  events: z.int(),
  crashes: z.int(),
  versions: z.int(),
  failed: z.array(z.object({ seed: z.int(), wrong: z.array(z.string()) })),
})

parentPort?.on('message', async (message: unknown) => {
  const { from, count, having } = batch.parse(message)
  const sum: z.infer<typeof ran> = { from, count: 0, events: 0, crashes: 0, versions: 0, failed: [] }
  for (let seed = from; seed < from + count; seed++) {
    const plan = planOf(seed)
    if (having !== undefined && !plan.steps.some(step => step.kind === having)) continue
    sum.count++
    try {
      const { wrong, events, crashes, versions } = await runHistory(plan)
      sum.events += events
      sum.crashes += crashes
      sum.versions += versions
      if (wrong.length > 0) sum.failed.push({ seed, wrong })
    } catch (error) {
      sum.failed.push({
        seed,
        wrong: [`the world itself failed: ${error instanceof Error ? error.stack : String(error)}`],
      })
    }
  }
  parentPort?.postMessage(sum)
})
