import type { Change as AppChange } from '../../shared/contract/system.ts'
import { admitRow } from '../../shared/domain/rows/gate.ts'
import { plainLine } from '../../shared/domain/rows/text.ts'
import { awaitEcho, echoed, isAwaited, isAwaiting } from '../library/awaited-rows.ts'
import { hasBlob } from '../library/blobs.ts'
import { wantCaseFiles } from '../library/case-files.ts'
import {
  findRow,
  isMirrored,
  MIRRORED,
  MIRRORED_NAMES,
  type MirroredName,
  missingLater,
  putRow,
  type RemoteRow,
} from '../library/mirror.ts'
import { deletePlainRow, putPlainRow, putTenant } from '../library/mirror-rows.ts'
import { putSkill } from '../library/mirror-skills.ts'
import { putVersion } from '../library/mirror-versions.ts'
import { sqliteCode } from '../library/open.ts'
import { acknowledge, dropUnsendable, parkRow, parkSkill, retryCasesOf } from '../library/outbox.ts'
import { want } from '../library/remote-content.ts'
import { findSkill } from '../library/skills.ts'
import { findSyncState, updateSyncState } from '../library/sync-states.ts'
import { findVersion } from '../library/versions.ts'
import { dropWaiting, dropWaitingFor, hasWaiting, keepWaiting, listWaiting } from '../library/waiting-rows.ts'
import { Aside } from './aside.ts'
import { PARKED } from './problems.ts'
import { keepLater, noteSeen, reviewAgain, sendDisplaced } from './reconcile.ts'
import type { Change } from './remote.ts'
import type { Team } from './team.ts'
import { tellArchived, tellDeletedRow, tellDeletedSkill, tellRating, tellRewritten, tellSlug } from './tell.ts'

type Put = Extract<Change, { operation: 'put' }>
type Oversized = Extract<Change, { operation: 'oversized' }>

/** What is wrong with one row, of an id that is another space's here for instance: that row's problem alone. */
class Unusable extends Error {}
const foreign = () => new Unusable('its id belongs to something in another space on this computer')

/** Why a row is not in the library now: what it refers to is missing, or it can never be taken as it is. */
type NotTaken = { waits: string } | { invalid: string }

const NOUNS: Record<MirroredName, AppChange['nouns'][number]> = {
  tenants: 'spaces',
  users: 'spaces',
  skills: 'skills',
  skill_versions: 'versions',
  ratings: 'ratings',
  skill_feedback: 'feedback',
  token_measurements: 'versions',
  usage_events: 'skills',
  benchmark_cases: 'benchmarks',
  benchmark_runs: 'benchmarks',
  benchmark_results: 'benchmarks',
}

/** One page's work on the library, inside its transaction. */
export class Applied {
  readonly #team: Team
  readonly #reconciling: boolean
  readonly #content: 'all' | 'newest'
  readonly #nouns = new Set<AppChange['nouns'][number]>()
  readonly #skills = new Set<string>()
  /** What was acknowledged to us and comes back with this page. */
  readonly #echoed = new Set<string>()
  /** Whether there are rows that wait for others. */
  #mayWait = false
  readonly #aside: Aside

  constructor(team: Team, reconciling: boolean) {
    this.#team = team
    this.#reconciling = reconciling
    this.#aside = new Aside(team)
    this.#content = findSyncState(team.library, team.tenantId)?.content ?? 'all'
  }

  /** Deletes first: they make room for what has the same key. Then table by table, parents first. */
  page(changes: readonly Change[]): void {
    const { library, tenantId } = this.#team
    const awaiting = isAwaiting(library, tenantId)
    this.#mayWait = hasWaiting(library, tenantId)
    const puts = new Map<MirroredName, Put[]>()
    for (const change of changes) {
      if (!isMirrored(change.entity)) continue
      if (awaiting && echoed(library, tenantId, change.entity, change.id)) this.#echoed.add(change.id)
      this.#nouns.add(NOUNS[change.entity])
      if (change.operation === 'delete') this.#delete(change.entity, change.id)
      else if (change.operation === 'oversized') this.#setOversizedAside(change.entity, change)
      else {
        const list = puts.get(change.entity)
        if (list) list.push(change)
        else puts.set(change.entity, [change])
      }
    }
    for (const name of MIRRORED_NAMES) for (const change of puts.get(name) ?? []) this.#take(name, change)
    // A version of ours that this page numbers was what its skill pointed at until here: it follows the registry again.
    if (puts.has('skill_versions')) for (const change of puts.get('skills') ?? []) this.#take('skills', change)
    this.#retryWaiting()
    this.#wantNewest()
    this.#aside.tell()
  }

  announce(): void {
    if (this.#nouns.size > 0) this.#team.changed([...this.#nouns], [...this.#skills])
  }

  #take(name: MirroredName, change: Put): void {
    const { library, tenantId } = this.#team
    if (this.#reconciling) noteSeen(library, tenantId, name, change.id)
    const admitted = admitRow(name, change.row)
    if (!isOurs(change, tenantId)) {
      this.#setAside(name, { ...change, row: {} }, 'belongs to another team')
      return
    }
    if (admitted.kind === 'invalid') {
      this.#setAside(name, change, admitted.problems.map(({ column, rule }) => `${column} ${rule}`).join('; '))
      return
    }
    const { row } = admitted
    if (this.#reconciling) keepLater(this.#team, name, row)
    const not = this.#try(name, row, change.seq)
    if (not && 'invalid' in not) {
      this.#setAside(name, change, not.invalid)
      return
    }
    this.#aside.release(name, change.id)
    if (not) {
      keepWaiting(library, tenantId, { entity: name, id: change.id, seq: change.seq, row, reason: not.waits })
      this.#mayWait = true
    } else if (this.#mayWait) dropWaiting(library, tenantId, name, change.id)
  }

  /** It is kept by name and told; what waited for it goes on waiting, and everything else goes on. */
  #setAside(name: MirroredName, { id, seq, row }: Pick<Put, 'id' | 'seq' | 'row'>, problem: string): void {
    if (this.#mayWait) dropWaiting(this.#team.library, this.#team.tenantId, name, id)
    this.#aside.add({ entity: name, id, seq, row, problem })
  }

  /** The registry does not send a row of this size: nothing is known of it but its name. */
  #setOversizedAside(name: MirroredName, { id, seq, bytes }: Oversized): void {
    if (this.#reconciling) noteSeen(this.#team.library, this.#team.tenantId, name, id)
    this.#setAside(name, { id, seq, row: {} }, `is too large to be sent (${Math.ceil(bytes / 1_000_000)} MB)`)
  }

  /** Why it cannot be taken; undefined where it was. */
  #try(name: MirroredName, row: RemoteRow, seq: number): NotTaken | undefined {
    try {
      const waits = this.#put(name, row, seq) ?? missingLater(this.#team.library, name, row, this.#team.tenantId)
      return waits === undefined ? undefined : { waits }
    } catch (error) {
      if (error instanceof Unusable) return { invalid: error.message }
      const code = sqliteCode(error)
      const isItsFault =
        code?.startsWith('SQLITE_CONSTRAINT') ||
        code === 'SQLITE_MISMATCH' ||
        code === 'SQLITE_TOOBIG' ||
        error instanceof TypeError ||
        error instanceof RangeError
      if (!isItsFault) throw error
      return { invalid: error instanceof Error ? error.message : String(error) }
    }
  }

  #put(name: MirroredName, row: RemoteRow, seq: number): string | undefined {
    if (typeof row.skill_id === 'string') this.#skills.add(row.skill_id)
    switch (name) {
      case 'tenants':
        putTenant(this.#team.library, row, this.#team.tenantId)
        return undefined
      case 'skills':
        return this.#putSkill(row, seq)
      case 'skill_versions':
        return this.#putVersion(row)
      default:
        return this.#putPlain(name, row)
    }
  }

  #putSkill(row: RemoteRow, seq: number): string | undefined {
    const team = this.#team
    const put = putSkill(team.library, row, { tenantId: team.tenantId, seq, reconciling: this.#reconciling })
    if (put.kind === 'waits') return put.for
    if (put.kind === 'foreign') throw foreign()
    const id = String(row.id)
    this.#skills.add(id)
    if (put.renamed) tellSlug(team, put.renamed)
    if (put.archived && this.#isEditedHere(id)) tellArchived(team, id, row.updated_at)
    // The rest of the row is in.
    if (put.astray) throw new Unusable(`${put.astray} must name a version of the skill`)
    return put.lacks
  }

  #putVersion(row: RemoteRow): string | undefined {
    const team = this.#team
    const { library, tenantId } = team
    const put = putVersion(library, row, tenantId, this.#reconciling)
    switch (put.kind) {
      case 'waits':
        return put.for
      case 'foreign':
        throw foreign()
      case 'rewritten':
        // Numbered anew since it was acknowledged: the registry forgot it in between, and everything is compared.
        if (this.#echoed.has(String(row.id)) && put.differs.every(one => one === 'version'))
          awaitEcho(library, tenantId, 'skill_versions', String(row.id))
        else tellRewritten(team, String(row.id), put.differs)
        return undefined
      case 'taken':
        if (!isAwaited(library, tenantId, 'skill_versions', put.by.id)) tellRewritten(team, put.by.id, ['version'])
        return `number ${row.version} of skill ${row.skill_id} is ${put.by.id}`
      case 'put': {
        if (put.renumbered)
          team.log(
            'info',
            `${findSkill(library, String(row.skill_id))?.name}: v${put.renumbered.from} became v${put.renumbered.to}.`,
          )
        if (put.corrected)
          team.log(
            'info',
            `The registry corrected ${put.corrected.join(', ')} of a version of ${plainLine(findSkill(library, String(row.skill_id))?.name ?? '')}.`,
          )
        if (put.displaced) sendDisplaced(team, put.displaced)
        // Another computer of its author has sent it: set aside here or not, it need not go, and holds nothing any more.
        if (!put.fresh) acknowledge(library, 'version', String(row.id), 'put', Number.MAX_SAFE_INTEGER)
        const hash = String(row.content_hash)
        // What was sent from here is here.
        if (this.#content === 'all' && !this.#echoed.has(String(row.id)) && !hasBlob(library, hash))
          want(library, tenantId, { sha256: hash, kind: 'manifest', size: null, version_id: String(row.id) })
        return undefined
      }
      default:
        return put satisfies never
    }
  }

  #putPlain(name: MirroredName, row: RemoteRow): string | undefined {
    const team = this.#team
    if (name === 'users') {
      if (!putRow(team.library, name, row, team.tenantId)) throw foreign()
      if (row.id === team.userId && (row.role === 'reader' || row.role === 'author' || row.role === 'admin'))
        updateSyncState(team.library, team.tenantId, { role: row.role })
      return undefined
    }
    if (name === 'skill_feedback' && !this.#echoed.has(String(row.id))) reviewAgain(team, row)
    if (name === 'benchmark_cases') dropUnsendable(team.library, 'benchmark_case', String(row.id))
    const put = putPlainRow(team.library, name, row, team.tenantId)
    if (put.kind === 'waits') return put.for
    if (put.kind === 'foreign') throw foreign()
    if (put.kind === 'put' && name === 'skill_feedback') retryCasesOf(team.library, team.tenantId, String(row.id))
    if (put.kind === 'put' && name === 'benchmark_cases')
      wantCaseFiles(team.library, team.tenantId, { id: String(row.id), files: row.files })
    if (put.kind === 'put' && put.overruled && name === 'ratings' && row.user_id === team.userId) {
      const ours = findRow(team.library, name, String(row.id))
      if (ours) tellRating(team, put.overruled, ours)
    }
    return undefined
  }

  #delete(name: MirroredName, id: string): void {
    const team = this.#team
    const { library, tenantId } = team
    this.#aside.release(name, id)
    dropWaiting(library, tenantId, name, id)
    dropWaitingFor(library, tenantId, name, id)
    if (name === 'skills') {
      this.#deleteSkill(id)
      return
    }
    if (name === 'skill_versions' || name === 'users' || name === 'tenants') {
      team.log(
        'error',
        `The registry says that ${name} ${id} was deleted. Those are never deleted: it was not believed.`,
      )
      return
    }
    const skillId = findRow(library, name, id)?.skill_id
    if (typeof skillId === 'string') this.#skills.add(skillId)
    const deleted = deletePlainRow(library, name, id, tenantId)
    if (deleted.kind !== 'edited') return
    const entity = MIRRORED[name].entity
    parkRow(library, entity, id, PARKED.deleted)
    tellDeletedRow(team, { table: name, entity, id, skillId: typeof skillId === 'string' ? skillId : null })
  }

  #deleteSkill(id: string): void {
    const team = this.#team
    const { library, tenantId } = team
    const skill = findSkill(library, id)
    if (!skill || skill.tenant_id !== tenantId) return
    this.#skills.add(id)
    library.run('DELETE FROM remote_skills WHERE skill_id = ?', id)
    const versions = library.find('SELECT 1 FROM skill_versions WHERE skill_id = ?', id) !== undefined
    if (versions || this.#isEditedHere(id)) {
      parkSkill(library, id, PARKED.deleted)
      tellDeletedSkill(team, id)
      return
    }
    library.run('DELETE FROM outbox WHERE skill_id = ?', id)
    library.run('DELETE FROM skills WHERE id = ?', id)
  }

  #isEditedHere(skillId: string): boolean {
    const { library } = this.#team
    return (
      library.find('SELECT 1 FROM working_copies WHERE skill_id = ? AND changed = 1', skillId) !== undefined ||
      library.find("SELECT 1 FROM outbox WHERE skill_id = ? AND operation <> 'delete'", skillId) !== undefined
    )
  }

  /** What waited for a row that is here now. Each success may let another one in. */
  #retryWaiting(): void {
    const { library, tenantId } = this.#team
    for (let again = hasWaiting(library, tenantId); again; ) {
      again = false
      for (const waiting of listWaiting(library, tenantId)) {
        if (!isMirrored(waiting.entity)) continue
        const not = this.#try(waiting.entity, waiting.row, waiting.seq)
        if (not && 'waits' in not) continue
        dropWaiting(library, tenantId, waiting.entity, waiting.id)
        if (not) this.#aside.add({ ...waiting, entity: waiting.entity, problem: not.invalid })
        again = true
      }
    }
  }

  /** Where only newest and published content is kept: of the skills that this page touched. */
  #wantNewest(): void {
    const { library, tenantId } = this.#team
    if (this.#content !== 'newest') return
    for (const id of this.#skills) {
      const skill = findSkill(library, id)
      for (const versionId of [skill?.draft_version_id, skill?.published_version_id]) {
        const version = versionId ? findVersion(library, versionId) : undefined
        if (version && version.version !== null && !hasBlob(library, version.content_hash))
          want(library, tenantId, {
            sha256: version.content_hash,
            kind: 'manifest',
            size: null,
            version_id: version.id,
          })
      }
    }
  }
}

/** A row that says it is of another team, or has another id than the log: no registry of ours sends that. */
const isOurs = (change: Put, tenantId: string): boolean =>
  (change.entity === 'tenants' ? change.row.id : change.row.tenant_id) === tenantId && change.row.id === change.id
