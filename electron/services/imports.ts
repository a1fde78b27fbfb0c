import fs from 'node:fs'
import path from 'node:path'
import type { ImportProgress, ImportReport, ImportSource } from '../../shared/contract/imports.ts'
import type { ReadFailureCode, ReadResult } from '../interchange/source.ts'
import { findSpace } from '../library/spaces.ts'
import { announce, type Context, os } from './context.ts'
import { LibrarySink } from './import-sink.ts'
import type { Indexer } from './indexing.ts'
import { latestOnly } from './latest-only.ts'

type Kind = ImportReport['source']['kind']
export type ImportOutcome =
  | { ok: true; report: ImportReport }
  | { ok: false; code: ReadFailureCode | 'NOTHING_FOUND'; reason: string; path: string }

export const importsService = (context: Context, indexer: Indexer) => {
  const running = new Map<string, AbortController>()
  return {
    places: os.imports.places.handler(async ({ signal }) => {
      const { countSkills, skillPlaces } = await import('../interchange/found-on-this-computer.ts')
      const places = skillPlaces(context.home, context.platform)
      const counted = await Promise.all(
        places.map(async place => ({ ...place, skills: await countSkills(place.path, signal ?? neverAborted()) })),
      )
      return counted.filter(place => place.skills > 0)
    }),

    run: os.imports.run.handler(async function* ({ input, errors, signal }) {
      const space = findSpace(context.library, input.tenantId)
      if (!space) throw errors.NOT_FOUND({ data: { what: 'library', id: input.tenantId } })
      const stop = new AbortController()
      if (input.ticket !== undefined) running.set(input.ticket, stop)
      const progress = latestOnly<ImportProgress>()
      const target = { tenantId: space.tenant_id, userId: space.user_id }
      const signals = [stop.signal, ...(signal ? [signal] : [])]
      const outcome = runImport(context, target, input.source, AbortSignal.any(signals), progress.push)
      outcome.finally(progress.end).catch(() => {})
      try {
        yield* progress.values
        const result = await outcome
        if (result.ok) return result.report
        switch (result.code) {
          case 'GIT_MISSING':
            throw errors.GIT_MISSING({ data: { path: result.path } })
          case 'NOTHING_FOUND':
            throw errors.NOTHING_FOUND({ data: { path: result.path } })
          default:
            throw errors.SOURCE_UNREADABLE({
              message: result.reason,
              data: { path: result.path, reason: result.reason },
            })
        }
      } finally {
        // The reader left (its window closed): nobody waits for the rest.
        stop.abort(new DOMException('Stopped.', 'AbortError'))
        if (input.ticket !== undefined) running.delete(input.ticket)
        indexer.wake()
      }
    }),

    stop: os.imports.stop.handler(({ input }) => {
      const found = running.get(input.ticket)
      found?.abort(new DOMException('Stopped.', 'AbortError'))
      return { stopped: found !== undefined }
    }),
  }
}

/** Reads a source into a space. A stopped import answers with what it kept: whole skills. */
export async function runImport(
  context: Context,
  target: { tenantId: string; userId: string },
  source: ImportSource,
  signal: AbortSignal,
  onProgress: (progress: ImportProgress) => void,
): Promise<ImportOutcome> {
  const where = locate(source, context.home)
  const sink = new LibrarySink(context, target, onProgress)
  const unreadable = (reason: string, code: ReadFailureCode = 'PLACE_UNREADABLE') =>
    ({ ok: false, code, reason, path: where.path }) as const
  let cancelled = false
  try {
    const result = await read(where, source, sink, signal)
    if (!result.ok) return { ok: false, code: result.code, reason: result.message, path: where.path }
  } catch (error) {
    if (!signal.aborted) {
      if (isSystemError(error)) return unreadable(error.message)
      throw error
    }
    cancelled = true
  }
  sink.progress({ phase: 'saving', done: 0, total: undefined, what: '' })
  await sink.flush()
  if (sink.skillIds.length > 0)
    announce(context, ['skills', 'versions', 'spaces'], sink.skillIds.length > 500 ? [] : sink.skillIds)
  if (!cancelled && sink.skillIds.length === 0 && sink.counts.skipped.length === 0)
    return { ok: false, code: 'NOTHING_FOUND', reason: 'There is no SKILL.md in there.', path: where.path }
  return { ok: true, report: { source: { kind: where.kind, path: where.path }, ...sink.counts, cancelled } }
}

/** A reader is loaded when it is first needed: starting the app does not wait for the zip library. */
async function read(
  where: { kind: Kind; path: string },
  source: ImportSource,
  sink: LibrarySink,
  signal: AbortSignal,
): Promise<ReadResult> {
  switch (where.kind) {
    case 'git': {
      const { readGit } = await import('../interchange/git-history.ts')
      return readGit(where.path, sink, { signal })
    }
    case 'folder': {
      const { readFolder } = await import('../interchange/folder.ts')
      return readFolder(where.path, sink, { signal })
    }
    case 'archive': {
      const { readZip } = await import('../interchange/zip.ts')
      return readZip(source.kind === 'archive' ? Buffer.from(source.base64, 'base64') : where.path, sink, { signal })
    }
    default:
      return where.kind satisfies never
  }
}

/** What a path is: an archive, a repository (its top folder, bare or not), or a folder of skills. */
function locate(source: ImportSource, home: string): { kind: Kind; path: string } {
  if (source.kind === 'archive') return { kind: 'archive', path: source.name }
  const full = path.resolve(source.path.replace(/^~(?=$|[/\\])/, home))
  if (source.kind !== 'path') return { kind: source.kind, path: full }
  const stat = fs.statSync(full, { throwIfNoEntry: false })
  if (stat?.isFile()) return { kind: 'archive', path: full }
  const isRepository = fs.existsSync(path.join(full, '.git'))
  const isBare = fs.existsSync(path.join(full, 'HEAD')) && fs.existsSync(path.join(full, 'objects'))
  return { kind: isRepository || isBare ? 'git' : 'folder', path: full }
}

const isSystemError = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'code' in error && 'syscall' in error

const neverAborted = (): AbortSignal => new AbortController().signal
