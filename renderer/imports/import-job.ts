import { create } from 'zustand'
import type { ImportProgress, ImportReport, ImportSource } from '../../shared/contract/imports.ts'
import { api } from '../api.ts'
import { type ImportFailure, sayImportFailure } from './import-words.ts'

/**
 * One import at a time, whether its dialog is open or not.
 *
 *   idle ──start──► running ──report──► done ──dismiss──► idle
 *                      ├─────error───► failed ──dismiss──► idle
 *                      └─────cancel──► stopped ─dismiss──► idle
 */
export type ImportJob =
  | { state: 'idle' }
  | { state: 'running'; what: string; startedAt: number; progress: ImportProgress | undefined; cancelling: boolean }
  | { state: 'done'; what: string; tenantId: string; report: ImportReport }
  | { state: 'stopped'; what: string }
  | { state: 'failed'; what: string; failure: ImportFailure }

type ImportJobs = {
  job: ImportJob
  /** `what` names the source for a person. Ends when the import has; never throws. */
  start: (tenantId: string, source: ImportSource, what: string) => Promise<void>
  cancel: () => void
  dismiss: () => void
}

/** Progress comes faster than anybody can read; this is often enough. */
const DRAW_MS = 80

let stop: AbortController | undefined

export const useImportJob = create<ImportJobs>((set, get) => ({
  job: { state: 'idle' },
  start: async (tenantId, source, what) => {
    if (get().job.state === 'running') return
    stop = new AbortController()
    set({ job: { state: 'running', what, startedAt: Date.now(), progress: undefined, cancelling: false } })
    const onProgress = (progress: ImportProgress) =>
      set(({ job }) => (job.state === 'running' ? { job: { ...job, progress } } : {}))
    set({ job: await run(tenantId, source, what, stop.signal, onProgress) })
  },
  cancel: () => {
    stop?.abort()
    set(({ job }) => (job.state === 'running' ? { job: { ...job, cancelling: true } } : {}))
  },
  dismiss: () => set(({ job }) => (job.state === 'running' ? {} : { job: { state: 'idle' } })),
}))

async function run(
  tenantId: string,
  source: ImportSource,
  what: string,
  signal: AbortSignal,
  onProgress: (progress: ImportProgress) => void,
): Promise<ImportJob> {
  try {
    const steps = await api.imports.run({ tenantId, source }, { signal })
    let drawnAt = 0
    for (;;) {
      const step = await steps.next()
      if (step.done) return { state: 'done', what, tenantId, report: step.value }
      const now = performance.now()
      if (now - drawnAt < DRAW_MS) continue
      drawnAt = now
      onProgress(step.value)
    }
  } catch (error) {
    if (signal.aborted) return { state: 'stopped', what }
    return { state: 'failed', what, failure: sayImportFailure(error) }
  }
}
