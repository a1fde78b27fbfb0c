import { budgetedWorker, type Outcome } from '../../ui/budgeted-worker.ts'
import type { Compared, CompareRequest } from './compared.ts'

/** What a person waits for at most; beyond it the diff is right but coarser, and says so. */
export const BUDGET_MS = 250
/** For the closer look that follows where that was not enough. */
export const CLOSER_MS = 5_000
/** The comparison looks at its own clock; what goes on past that is ended. */
const END_MS = 15_000

const worker = budgetedWorker<CompareRequest, Compared>(
  () => new Worker(new URL('./diff-worker.ts', import.meta.url), { type: 'module', name: 'diff' }),
  END_MS,
)

/** Starts the worker before it is needed, so that the first comparison does not wait for it. */
export function warmUp(): void {
  worker.warmUp()
}

/** Compares two texts beside the page. */
export const compareInWorker = (request: CompareRequest): Promise<Outcome<Compared>> => worker.run(request)
