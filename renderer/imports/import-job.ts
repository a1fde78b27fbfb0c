import { create } from 'zustand'
import type { ImportProgress, ImportReport, ImportSource } from '../../shared/contract/imports.ts'
import { api } from '../api.ts'
import { type ImportFailure, sayImportFailure } from './import-words.ts'

/**
 * One import at a time, whether its dialog is open or not. Cancelling asks for its end; the report of what was kept comes
 * all the same.
 *
 *   idle ──start──► running ──report──► done ──dismiss──► idle
 *                      └─────error───► failed ──dismiss──► idle, with the path that failed
 */
export type ImportJob =
  /** `path`: of the import before, where that failed: it may be mended instead of typed again. */
  | { state: 'idle'; path?: string }
  | {
      state: 'running'
      what: string
      ticket: string
      startedAt: number
      progress: ImportProgress | undefined
      cancelling: boolean
    }
  | { state: 'done'; what: string; tenantId: string; report: ImportReport }
  | { state: 'failed'; what: string; failure: ImportFailure; path: string | undefined }

type ImportJobs = {
  job: ImportJob
  /** Into the space that `findTarget` answers; `what` names the source for a person. Ends when the import has; never throws. */
  start: (findTarget: () => Promise<string>, source: ImportSource, what: string) => Promise<void>
  cancel: () => void
  dismiss: () => void
}

export const useImportJob = create<ImportJobs>((set, get) => ({
  job: { state: 'idle' },
  start: async (findTarget, source, what) => {
    if (get().job.state === 'running') return
    const ticket = crypto.randomUUID()
    set({ job: { state: 'running', what, ticket, startedAt: Date.now(), progress: undefined, cancelling: false } })
    try {
      const tenantId = await findTarget()
      const steps = await api.imports.run({ tenantId, source, ticket })
      let step = await steps.next()
      while (!step.done) {
        const progress = step.value
        set(({ job }) => (job.state === 'running' ? { job: { ...job, progress } } : {}))
        step = await steps.next()
      }
      set({ job: { state: 'done', what, tenantId, report: step.value } })
    } catch (error) {
      const path = source.kind === 'path' ? source.path : undefined
      set({ job: { state: 'failed', what, failure: sayImportFailure(error), path } })
    }
  },
  cancel: () => {
    const { job } = get()
    if (job.state !== 'running') return
    set({ job: { ...job, cancelling: true } })
    // Where it cannot be asked, the connection is lost, and the import with it.
    api.imports.stop({ ticket: job.ticket }).catch(() => {})
  },
  dismiss: () =>
    set(({ job }) => {
      if (job.state === 'running' || job.state === 'idle') return {}
      return { job: { state: 'idle', ...(job.state === 'failed' && job.path !== undefined && { path: job.path }) } }
    }),
}))
