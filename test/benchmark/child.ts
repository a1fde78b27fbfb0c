import type { PlanInput } from '../../shared/contract/benchmarks.ts'
import { testBackend } from '../support/backend.ts'

/** A backend in a process of its own, to be killed: `child DATA_DIR start INPUT` or `child DATA_DIR resume BATCH`. */
const [dataDir = '', verb, argument = ''] = process.argv.slice(2)
const { api } = await testBackend({ dataDir })
if (verb === 'start') {
  const input: PlanInput = JSON.parse(argument)
  const { hash } = await api.benchmarks.plan(input)
  await api.benchmarks.start({ ...input, consent: hash })
} else await api.benchmarks.resume({ id: argument })
// The run keeps the process alive until it is killed.
setInterval(() => {}, 1_000)
