import { folderNameOf } from '../../shared/domain/folder-name.ts'
import { enqueue, type QueuedEntity } from '../library/outbox.ts'
import type { SkillRecord } from '../library/schema.ts'
import type { ConflictRecord, SpaceRecord } from '../library/schema-local.ts'
import { findSkillBySlug } from '../library/skills.ts'
import { findSpace, findSpaceOfKind } from '../library/spaces.ts'
import type { Context } from './context.ts'
import type { Decided } from './decide.ts'
import { copySkill, moveWorkingCopy } from './share.ts'

/**
 * A skill that the team deleted while it was changed here. A tombstone stays, so keeping it means making it anew, with its
 * lineage and what is being edited; then the one that is gone there goes here too.
 */
export function decideDeletedSkill(context: Context, row: ConflictRecord, skill: SkillRecord, choice: string): Decided {
  const { library } = context
  const target = choice === 'again' ? findSpace(library, skill.tenant_id) : findSpaceOfKind(library, 'personal')
  if (choice === 'discard') {
    discard(context, row, skill)
    return { kind: 'done', skillId: null }
  }
  if (!target) return { kind: 'gone' }
  // Its name is free for the new one.
  library.run('UPDATE skills SET slug = ? WHERE id = ?', `${skill.slug.slice(0, 26)}.${skill.id}`, skill.id)
  const copied = copySkill(
    context,
    skill,
    target,
    freeSlug(context, target, folderNameOf(skill.slug)),
    'also without versions',
  )
  if (copied.kind !== 'copied') throw new Error(`a deleted skill could not be kept: ${copied.kind}`)
  moveWorkingCopy(context, skill.id, copied)
  discard(context, row, skill)
  return { kind: 'done', skillId: copied.skillId }
}

/** The mark on the conflict is what lets a skill's versions go; nothing else does but removing a whole space. */
function discard({ library }: Context, row: ConflictRecord, skill: SkillRecord): void {
  library.run("UPDATE conflicts SET choice = 'discard' WHERE id = ?", row.id)
  library.run('DELETE FROM outbox WHERE skill_id = ?', skill.id)
  library.run('DELETE FROM skills WHERE id = ?', skill.id)
}

function freeSlug({ library }: Context, target: SpaceRecord, slug: string): string {
  let free = slug
  for (let n = 2; findSkillBySlug(library, target.tenant_id, free); n++) free = `${slug.slice(0, 56)}-${n}`
  return free
}

type Kept = { entity: QueuedEntity; children: readonly { table: string; column: string; anew?: QueuedEntity }[] }
const ROWS: Record<string, Kept> = {
  ratings: { entity: 'rating', children: [] },
  skill_feedback: { entity: 'feedback', children: [{ table: 'benchmark_cases', column: 'source_feedback_id' }] },
  benchmark_cases: { entity: 'benchmark_case', children: [{ table: 'benchmark_results', column: 'case_id' }] },
  benchmark_runs: {
    entity: 'benchmark_run',
    // The results went with the run there, so they too are made anew.
    children: [{ table: 'benchmark_results', column: 'run_id', anew: 'benchmark_result' }],
  },
}

/** A rating, feedback, a case or a run: sent under a new id, or thrown away. */
export function decideDeletedRow(context: Context, row: ConflictRecord, choice: string): Decided {
  const { library } = context
  const detail: { table?: unknown } = JSON.parse(row.detail)
  const table = typeof detail.table === 'string' ? detail.table : ''
  const kept = Object.hasOwn(ROWS, table) ? ROWS[table] : undefined
  const id = row.entity_id
  if (!kept || id === null || !library.find(`SELECT 1 FROM ${table} WHERE id = ?`, id)) return { kind: 'gone' }
  library.run('DELETE FROM outbox WHERE entity_id = ? AND entity = ?', id, kept.entity)
  if (choice === 'discard') library.run(`DELETE FROM ${table} WHERE id = ?`, id)
  else makeAnew(context, row, table, kept, id)
  return { kind: 'done', skillId: row.skill_id }
}

function makeAnew(context: Context, row: ConflictRecord, table: string, kept: Kept, id: string): void {
  const { library } = context
  const now = context.clock()
  const queue = (entity: QueuedEntity, entityId: string) =>
    enqueue(library, {
      ...{ entity, entityId, operation: 'insert', now },
      tenantId: row.tenant_id,
      skillId: row.skill_id,
    })
  // Checked at the commit: the row and what refers to it change their ids together.
  library.run('PRAGMA defer_foreign_keys = ON')
  const newId = context.newId()
  library.run(`UPDATE ${table} SET id = ? WHERE id = ?`, newId, id)
  queue(kept.entity, newId)
  for (const child of kept.children) {
    library.run(`UPDATE ${child.table} SET ${child.column} = ? WHERE ${child.column} = ?`, newId, id)
    if (child.anew === undefined) continue
    const made = library.all<{ id: string }>(`SELECT id FROM ${child.table} WHERE ${child.column} = ?`, newId)
    for (const { id: childId } of made) {
      const newChildId = context.newId()
      library.run(`UPDATE ${child.table} SET id = ? WHERE id = ?`, newChildId, childId)
      library.run('DELETE FROM outbox WHERE entity_id = ? AND entity = ?', childId, child.anew)
      queue(child.anew, newChildId)
    }
  }
}
