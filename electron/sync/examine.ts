import { type Finding, finding } from '../../shared/contract/sync.ts'
import { findExamination, putExamination } from '../library/examinations.ts'
import type { Library } from '../library/library.ts'
import { findSyncState, writeLog } from '../library/sync-states.ts'
import type { TeamRegistry } from './team-registry.ts'

/** A registry is asked all of its rules again after this long, in milliseconds. */
export const EXAMINED_MS = 24 * 60 * 60_000

export type ExaminerOptions = {
  library: Library
  registry: () => Promise<TeamRegistry>
  /** From the keychain; undefined where it gives none out. */
  secretOf: (tenantId: string) => Promise<string | undefined>
  clock: () => number
  /** False once the library may be closed: whatever comes back then is not stored. */
  isOpen: () => boolean
  changed: () => void
  log: (line: string) => void
}

/**
 * Asks a team's registry every rule that a member can see, beside sync and never in its way: after a round that went well,
 * where that was not done for a day or the registry was migrated since. A registry that cannot be asked is asked again
 * another day: why it cannot be reached, sync says itself.
 */
export class Examiner {
  readonly #options: ExaminerOptions
  readonly #tried = new Map<string, { at: number; schemaVersion: number | null }>()

  constructor(options: ExaminerOptions) {
    this.#options = options
  }

  /** To be called after each such round: it costs one look at the library, and mostly nothing else. */
  async settled(tenantId: string): Promise<void> {
    const { library, clock, log } = this.#options
    const state = findSyncState(library, tenantId)
    if (!state || state.has_left === 1) return
    const last = this.#tried.get(tenantId) ?? findExamination(library, tenantId)
    const schemaVersion = state.schema_version
    if (last && last.schemaVersion === schemaVersion && Math.abs(clock() - last.at) < EXAMINED_MS) return
    this.#tried.set(tenantId, { at: clock(), schemaVersion })
    try {
      await this.#examine(tenantId, state.settings, schemaVersion)
    } catch (error) {
      log(`asking the registry of ${tenantId} its rules: ${error instanceof Error ? error.stack : String(error)}`)
    }
  }

  async #examine(tenantId: string, settings: string, schemaVersion: number | null): Promise<void> {
    const { library, registry, secretOf, clock, isOpen, changed } = this.#options
    const there = await registry()
    // One of another make has other rules; that it is, sync says.
    if (schemaVersion !== there.knownSchema) return
    const secret = await secretOf(tenantId)
    if (secret === undefined) return
    const examined = await there.examine(settings, secret)
    if (examined.kind !== 'examined' || !isOpen() || findSyncState(library, tenantId)?.has_left !== 0) return
    noteFindings(library, tenantId, { at: clock(), schemaVersion, findings: examined.findings })
    changed()
  }
}

/** Keeps what does not hold, for the team's page, and says it in one line of the log where it was not known. */
export function noteFindings(
  library: Library,
  tenantId: string,
  { at, schemaVersion, findings }: { at: number; schemaVersion: number | null; findings: readonly Finding[] },
): void {
  const broken = findings.filter(one => one.state === 'fail')
  const before = finding.array().safeParse(findExamination(library, tenantId)?.broken).data ?? []
  const ids = (list: readonly Finding[]) => list.map(one => one.id).join(' ')
  library.write(() => {
    putExamination(library, tenantId, { at, schemaVersion, broken })
    if (ids(broken) === ids(before)) return
    if (broken.length === 0)
      writeLog(library, tenantId, { at, level: 'info', text: 'The registry keeps its rules again.' })
    else writeLog(library, tenantId, { at, level: 'warning', text: sayBroken(broken) })
  })
}

const sayBroken = (broken: readonly Finding[]): string => {
  const rules = broken.map(
    ({ title, found }) => `“${title}”${found.length > 0 ? ` (${found.slice(0, 3).join('; ')})` : ''}`,
  )
  return `The registry breaks ${broken.length === 1 ? 'a rule' : `${broken.length} rules`} that it should keep: ${rules.join(', ')}. Tell whoever runs it.`
}
