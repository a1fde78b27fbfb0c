import { isId } from '../../shared/domain/rows/rules.ts'
import { plainLine } from '../../shared/domain/rows/text.ts'
import { dropInvalid, hasInvalid, keepInvalid } from '../library/invalid-rows.ts'
import type { MirroredName } from '../library/mirror.ts'
import type { Team } from './team.ts'
import { tellInvalid } from './tell-invalid.ts'

type Unusable = {
  entity: MirroredName
  id: string
  seq: number
  row: { readonly [column: string]: unknown }
  problem: string
}

/** Where a row says who wrote it. */
const WRITER: Partial<Record<MirroredName, string>> = {
  users: 'id',
  skills: 'author_id',
  skill_versions: 'created_by',
  ratings: 'user_id',
  skill_feedback: 'user_id',
  token_measurements: 'user_id',
  usage_events: 'user_id',
  benchmark_runs: 'triggered_by',
}

/**
 * What one page brought that cannot be used, set aside by name (library/invalid-rows.ts) and told once for each skill. None
 * of it stops the page, its skill or the sync; a later state of the row that is as it should be comes in, and clears it.
 */
export class Aside {
  readonly #team: Team
  readonly #touched = new Set<string>()
  readonly #named = new Set<string>()
  #any: boolean

  constructor(team: Team) {
    this.#team = team
    this.#any = hasInvalid(team.library, team.tenantId)
  }

  add({ entity, id, seq, row, problem }: Unusable): void {
    const { library, tenantId } = this.#team
    const about = entity === 'skills' ? id : idIn(row, 'skill_id')
    const writer = WRITER[entity]
    const by = writer === undefined ? null : idIn(row, writer) || null
    const invalid = { entity, id, seq, about: isId(about) ? about : '', by, row, problem }
    keepInvalid(library, tenantId, invalid)
    this.#touched.add(invalid.about)
    this.#any = true
    // A page's skills are looked at twice.
    if (this.#named.has(`${entity} ${id}`)) return
    this.#named.add(`${entity} ${id}`)
    this.#team.log(
      'error',
      `${entity} ${plainLine(id.slice(0, 64))} of the registry was set aside: ${problem.slice(0, 300)}`,
    )
  }

  release(entity: MirroredName, id: string): void {
    if (!this.#any) return
    const about = dropInvalid(this.#team.library, this.#team.tenantId, entity, id)
    if (about !== undefined) this.#touched.add(about)
  }

  /** At the end of the page, once for each skill that something changed of. */
  tell(): void {
    for (const about of this.#touched) tellInvalid(this.#team, about)
  }
}

function idIn(row: { readonly [column: string]: unknown }, column: string): string {
  const value = row[column]
  return typeof value === 'string' && isId(value) ? value : ''
}
