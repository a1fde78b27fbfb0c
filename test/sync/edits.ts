import { ORPCError } from '@orpc/client'
import { putBlob, sha256 } from '../../electron/library/blobs.ts'
import { enqueue } from '../../electron/library/outbox.ts'
import { insertRow, type SyncedTable } from '../../electron/library/rows.ts'
import type { BenchmarkCaseRecord, FeedbackRecord, SkillRecord, VersionRecord } from '../../electron/library/schema.ts'
import { addVersion, addVersionBeside } from '../../electron/services/versions.ts'
import { byPath, type Manifest } from '../../shared/domain/bundle.ts'
import type { Chance } from './chance.ts'
import type { App } from './client.ts'
import { addCaseWithFiles, changeFiles } from './edits-files.ts'

/**
 * What people do, through the services where there are any and otherwise as a service would: the row and its outbox row in
 * one transaction. Each picks from what this computer knows; what is not possible is not done.
 */
export const EDITS = {
  createSkill: 8,
  saveVersion: 22,
  saveOnOlder: 6,
  type: 6,
  saveTyped: 6,
  restore: 2,
  merge: 5,
  publish: 10,
  rate: 14,
  unrate: 3,
  giveFeedback: 8,
  takeFeedbackBack: 2,
  review: 6,
  archive: 4,
  describe: 6,
  rename: 3,
  deleteSkill: 2,
  measure: 4,
  use: 4,
  addCase: 4,
  changeCase: 3,
  deleteCase: 1,
  run: 3,
  // Drawn apart (plan.ts), so that older seeds keep what they had.
  addCaseWithFiles: 0,
  changeFiles: 0,
} as const
export type Edit = keyof typeof EDITS

const SLUGS = ['pdf-forms', 'release-notes', 'sql-review', 'brand-voice', 'incident-report', 'changelog']
const WORDS = ['always', 'never', 'fields', 'tables', 'ask first', 'keep it short', 'cite the page', 'in one line']

/** Makes one edit. What the services answer as an expected failure is fine; anything else is thrown. */
export async function edit(app: App, tenantId: string, what: Edit, chance: Chance): Promise<void> {
  try {
    await new Editing(app, tenantId, chance).make(what)
  } catch (error) {
    if (!(error instanceof ORPCError) || !EXPECTED.has(error.code)) throw error
  }
}

const EXPECTED: ReadonlySet<string> = new Set([
  'SLUG_TAKEN',
  'NOTHING_CHANGED',
  'PUBLISHED_MOVED',
  'NOT_FOUND',
  'DISK',
  'CONTENT_DAMAGED',
  'CONTENT_ELSEWHERE',
  'CHANGED_ELSEWHERE',
  'READ_ONLY',
])

class Editing {
  readonly #app: App
  readonly #tenantId: string
  readonly #chance: Chance

  constructor(app: App, tenantId: string, chance: Chance) {
    this.#app = app
    this.#tenantId = tenantId
    this.#chance = chance
  }

  async make(what: Edit): Promise<void> {
    await this[what]()
  }

  async createSkill(): Promise<void> {
    const slug = this.#chance.yes(0.8)
      ? this.#chance.pick(SLUGS)
      : `${this.#chance.pick(SLUGS)}-${this.#chance.int(2, 4)}`
    const { id } = await this.#app.api.skills.create({ tenantId: this.#tenantId, slug, description: 'A skill.' })
    if (this.#chance.yes(0.8)) await this.#app.api.versions.save({ skillId: id, message: 'First' })
  }

  saveVersion(): void {
    const skill = this.#skill()
    if (skill) this.#save(skill, skill.draft_version_id)
  }

  saveOnOlder(): void {
    const skill = this.#skill()
    const parent = skill && this.#version(skill.id)
    if (skill) this.#save(skill, parent?.id ?? null)
  }

  async type(): Promise<void> {
    const skill = this.#skill()
    if (!skill) return
    const copy = await this.#app.api.workingCopies.get({ skillId: skill.id })
    const expected = copy.files.find(file => file.path === 'SKILL.md')?.sha256 ?? null
    const content = { kind: 'text' as const, text: this.#text(skill.slug) }
    await this.#app.api.workingCopies.write({ skillId: skill.id, path: 'SKILL.md', content, expected })
  }

  async saveTyped(): Promise<void> {
    const skill = this.#pick<{ id: string }>(
      'SELECT w.skill_id AS id FROM working_copies w JOIN skills s ON s.id = w.skill_id WHERE w.changed = 1 AND s.tenant_id = ?',
    )
    if (skill) await this.#app.api.versions.save({ skillId: skill.id, message: 'Typed' })
  }

  async restore(): Promise<void> {
    const version = this.#pick<VersionRecord>('SELECT * FROM skill_versions WHERE tenant_id = ?')
    if (version) await this.#app.api.versions.restore({ id: version.id })
  }

  async merge(): Promise<void> {
    const heads = this.#all<{ id: string; skill_id: string }>(
      `SELECT id, skill_id FROM skill_versions v WHERE tenant_id = ?
         AND NOT EXISTS (SELECT 1 FROM skill_versions c WHERE c.parent_version_id = v.id OR c.merged_version_id = v.id)`,
    )
    const [left, right] = [...Map.groupBy(heads, head => head.skill_id).values()].find(group => group.length > 1) ?? []
    if (!left || !right) return
    const files = [
      { path: 'SKILL.md', executable: false, content: { kind: 'text' as const, text: this.#text('merged') } },
    ]
    await this.#app.api.merges.save({ leftId: left.id, rightId: right.id, files, message: 'Merge' })
  }

  async publish(): Promise<void> {
    const skill = this.#skill()
    if (!skill) return
    const versionId = this.#chance.yes(0.1) ? null : (this.#version(skill.id)?.id ?? null)
    const expected = skill.published_version_id
    await this.#app.api.versions.publish({ skillId: skill.id, versionId, expected })
  }

  async rate(): Promise<void> {
    const version = this.#pick<VersionRecord>('SELECT * FROM skill_versions WHERE tenant_id = ?')
    if (!version) return
    // Quarters add up exactly in any order.
    const hoursSaved = this.#chance.yes(0.5) ? null : this.#chance.int(0, 8) / 4
    const comment = this.#chance.yes(0.3) ? this.#chance.pick(WORDS) : null
    await this.#app.api.ratings.rate({ versionId: version.id, rating: this.#chance.int(1, 5), comment, hoursSaved })
  }

  unrate(): void {
    this.#deleteOwn('ratings', 'rating')
  }

  giveFeedback(): void {
    const skill = this.#skill()
    if (!skill) return
    const type = this.#chance.pick([
      'thumbs_up',
      'thumbs_down',
      'suggestion',
      'training_example',
      'bug_report',
    ] as const)
    const version = this.#chance.yes(0.7) ? this.#version(skill.id) : undefined
    const now = this.#app.clock()
    this.#insert('skill_feedback', 'feedback', skill.id, {
      skill_version_id: version?.id ?? null,
      user_id: this.#me(),
      feedback_type: type,
      sentiment: this.#chance.pick([-1, 0, 1, null]),
      comment: this.#chance.pick(WORDS),
      suggested_content: null,
      suggested_diff: null,
      example_input: null,
      example_output: null,
      expected_output: null,
      severity: null,
      quality_score: null,
      status: 'pending',
      reviewed_by: null,
      reviewed_at: null,
      review_notes: null,
      implemented_by_version_id: null,
      usage_event_id: null,
      source: 'app',
      created_at: now,
      updated_at: now,
    })
  }

  takeFeedbackBack(): void {
    this.#deleteOwn('skill_feedback', 'feedback')
  }

  review(): void {
    const row = this.#pick<FeedbackRecord>(
      "SELECT * FROM skill_feedback WHERE tenant_id = ? AND status <> 'implemented'",
    )
    if (!row || !this.#mayDecide(row.skill_id)) return
    const next = {
      pending: ['accepted', 'dismissed'],
      accepted: ['implemented', 'dismissed'],
      dismissed: ['pending'],
    } as const
    if (row.status === 'implemented') return
    const status = this.#chance.pick<string>(next[row.status])
    const implementedBy = status === 'implemented' ? (this.#version(row.skill_id)?.id ?? null) : null
    const notes = this.#chance.yes(0.5) ? this.#chance.pick(WORDS) : null
    const now = this.#app.clock()
    this.#app.library.write(() => {
      this.#app.library.run(
        `UPDATE skill_feedback SET status = ?, review_notes = ?, implemented_by_version_id = ?, reviewed_by = ?, reviewed_at = ?,
           updated_at = ? WHERE id = ?`,
        status,
        notes,
        implementedBy,
        this.#me(),
        now,
        now,
        row.id,
      )
      const payload = { expected: row.status, status, notes, implementedBy }
      this.#enqueue('feedback', 'review', row.skill_id, row.id, payload)
    })
  }

  async archive(): Promise<void> {
    const skill = this.#skill()
    if (skill && this.#mayDecide(skill.id))
      await this.#app.api.skills.archive({ id: skill.id, archived: skill.status !== 'archived' })
  }

  async describe(): Promise<void> {
    const skill = this.#skill()
    if (!skill || !this.#mayDecide(skill.id)) return
    const tags = WORDS.filter(() => this.#chance.yes(0.2))
    await this.#app.api.skills.describe({ id: skill.id, category: this.#chance.pick(['Writing', 'Code', null]), tags })
  }

  rename(): void {
    const skill = this.#skill()
    if (!skill || !this.#mayDecide(skill.id)) return
    const slug = `${this.#chance.pick(SLUGS)}-${this.#chance.int(2, 6)}`
    const { library } = this.#app
    if (library.find('SELECT 1 FROM skills WHERE tenant_id = ? AND slug = ?', this.#tenantId, slug)) return
    library.write(() => {
      library.run('UPDATE skills SET slug = ?, updated_at = ? WHERE id = ?', slug, this.#app.clock(), skill.id)
      this.#enqueue('skill', 'update', skill.id, skill.id, { slug })
    })
  }

  deleteSkill(): void {
    const skill = this.#pick<SkillRecord>(
      'SELECT * FROM skills s WHERE tenant_id = ? AND NOT EXISTS (SELECT 1 FROM skill_versions WHERE skill_id = s.id)',
    )
    if (!skill || !this.#mayDecide(skill.id)) return
    this.#app.library.write(() => {
      this.#app.library.run('DELETE FROM skills WHERE id = ?', skill.id)
      this.#enqueue('skill', 'delete', skill.id, skill.id)
    })
  }

  measure(): void {
    const version = this.#pick<VersionRecord>('SELECT * FROM skill_versions WHERE tenant_id = ?')
    if (!version) return
    this.#insert('token_measurements', 'measurement', version.skill_id, {
      skill_version_id: version.id,
      usage_event_id: null,
      user_id: this.#me(),
      model_name: 'a-model',
      model_provider: 'a-provider',
      input_tokens: this.#chance.int(1, 1000),
      output_tokens: null,
      cache_read_tokens: null,
      cache_write_tokens: null,
      total_tokens: null,
      estimated_cost_microcents: this.#chance.yes(0.7) ? this.#chance.int(0, 5000) : null,
      latency_ms: null,
      source: 'app',
      created_at: this.#app.clock(),
    })
  }

  use(): void {
    const version = this.#pick<VersionRecord>('SELECT * FROM skill_versions WHERE tenant_id = ?')
    if (!version) return
    const said = { skill_version_id: version.id, user_id: this.#me(), tool: 'claude', created_at: this.#app.clock() }
    this.#insert('usage_events', 'usage_event', version.skill_id, said)
  }

  addCase(): void {
    const skill = this.#skill()
    if (!skill) return
    const source = this.#app.library.find<{ id: string }>('SELECT id FROM skill_feedback WHERE skill_id = ?', skill.id)
    const now = this.#app.clock()
    this.#insert('benchmark_cases', 'benchmark_case', skill.id, {
      name: this.#chance.pick(WORDS),
      prompt: 'Fill in the form.',
      expected_output: null,
      source_feedback_id: this.#chance.yes(0.5) ? (source?.id ?? null) : null,
      created_at: now,
      updated_at: now,
    })
  }

  changeCase(): void {
    const row = this.#pick<{ id: string; skill_id: string }>(
      'SELECT id, skill_id FROM benchmark_cases WHERE tenant_id = ?',
    )
    if (!row) return
    this.#app.library.write(() => {
      const name = `${this.#chance.pick(WORDS)} ${this.#chance.int(1, 9)}`
      this.#app.library.run(
        'UPDATE benchmark_cases SET name = ?, updated_at = ? WHERE id = ?',
        name,
        this.#app.clock(),
        row.id,
      )
      this.#enqueue('benchmark_case', 'update', row.skill_id, row.id)
    })
  }

  addCaseWithFiles(): void {
    const skill = this.#skill()
    if (skill) addCaseWithFiles(this.#app, this.#tenantId, skill.id, this.#chance)
  }

  changeFiles(): void {
    const row = this.#pick<BenchmarkCaseRecord>('SELECT * FROM benchmark_cases WHERE tenant_id = ?')
    if (row) changeFiles(this.#app, row, this.#chance)
  }

  deleteCase(): void {
    const row = this.#pick<{ id: string; skill_id: string }>(
      'SELECT id, skill_id FROM benchmark_cases WHERE tenant_id = ?',
    )
    if (!row) return
    this.#app.library.write(() => {
      this.#app.library.run('DELETE FROM benchmark_cases WHERE id = ?', row.id)
      this.#enqueue('benchmark_case', 'delete', row.skill_id, row.id)
    })
  }

  run(): void {
    const version = this.#pick<VersionRecord>('SELECT * FROM skill_versions WHERE tenant_id = ?')
    if (!version) return
    const { library } = this.#app
    const one = library.find<{ id: string }>('SELECT id FROM benchmark_cases WHERE skill_id = ?', version.skill_id)
    const now = this.#app.clock()
    library.write(() => {
      const runId = this.#insert('benchmark_runs', 'benchmark_run', version.skill_id, {
        skill_version_id: version.id,
        case_set_hash: 'h',
        models: '["a-model"]',
        status: 'completed',
        triggered_by: this.#me(),
        created_at: now,
        started_at: now,
        completed_at: now,
      })
      if (!one) return
      const id = this.#app.newId()
      const said = { model_name: 'a-model', model_provider: 'a-provider', quality_score: this.#chance.int(0, 100) }
      const row = { id, tenant_id: this.#tenantId, run_id: runId, case_id: one.id, ...said, created_at: now }
      insertRow(library, 'benchmark_results', row)
      this.#enqueue('benchmark_result', 'insert', version.skill_id, id)
    })
  }

  #save(skill: SkillRecord, parentId: string | null): void {
    const { library, context } = this.#app
    library.write(() => {
      const put = (path: string, text: string) => {
        const bytes = Buffer.from(text)
        const hash = sha256(bytes)
        putBlob(library, hash, bytes)
        return { path, sha256: hash, size: bytes.byteLength, executable: false }
      }
      const files: Manifest = [put('SKILL.md', this.#text(skill.slug))]
      if (this.#chance.yes(0.3)) files.push(put('notes.md', this.#chance.pick(WORDS)))
      files.sort(byPath)
      const said = { name: skill.slug, description: this.#chance.pick(WORDS), message: this.#chance.pick(WORDS) }
      // An import adds versions beside the newest one.
      if (this.#chance.yes(0.1)) addVersionBeside(context, skill, { files, parentId, ...said })
      else addVersion(context, skill, { files, parentId, ...said })
    })
  }

  #text(slug: string): string {
    const lines = Array.from({ length: this.#chance.int(1, 3) }, () => this.#chance.pick(WORDS))
    return `---\nname: ${slug}\ndescription: ${this.#chance.pick(WORDS)}\n---\n\n${lines.join('\n')} ${this.#chance.int(0, 999)}\n`
  }

  #insert(
    table: SyncedTable,
    entity: Parameters<typeof enqueue>[1]['entity'],
    skillId: string,
    columns: Record<string, string | number | null>,
  ): string {
    const id = this.#app.newId()
    this.#app.library.write(() => {
      insertRow(this.#app.library, table, { id, tenant_id: this.#tenantId, skill_id: skillId, ...columns })
      this.#enqueue(entity, 'insert', skillId, id)
    })
    return id
  }

  #deleteOwn(table: 'ratings' | 'skill_feedback', entity: 'rating' | 'feedback'): void {
    const rows = this.#all<{ id: string; skill_id: string; user_id: string }>(
      `SELECT * FROM ${table} WHERE tenant_id = ?`,
    )
    const mine = rows.filter(row => row.user_id === this.#me())
    if (mine.length === 0) return
    const row = this.#chance.pick(mine)
    this.#app.library.write(() => {
      this.#app.library.run(`DELETE FROM ${table} WHERE id = ?`, row.id)
      this.#enqueue(entity, 'delete', row.skill_id, row.id)
    })
  }

  #enqueue(
    entity: Parameters<typeof enqueue>[1]['entity'],
    operation: Parameters<typeof enqueue>[1]['operation'],
    skillId: string,
    entityId: string,
    payload: unknown = {},
  ): void {
    const now = this.#app.clock()
    enqueue(this.#app.library, { tenantId: this.#tenantId, skillId, entity, entityId, operation, payload, now })
  }

  /** Its author or an admin; now and then somebody whom the registry will refuse. */
  #mayDecide(skillId: string): boolean {
    const { library } = this.#app
    const skill = library.find<SkillRecord>('SELECT * FROM skills WHERE id = ?', skillId)
    const me = library.find<{ role: string }>('SELECT role FROM users WHERE id = ?', this.#me())
    return skill?.author_id === this.#me() || me?.role === 'admin' || this.#chance.yes(0.05)
  }

  #me(): string {
    return this.#app.userOf(this.#tenantId)
  }

  #skill(): SkillRecord | undefined {
    return this.#pick<SkillRecord>('SELECT * FROM skills WHERE tenant_id = ?')
  }

  #version(skillId: string): VersionRecord | undefined {
    const rows = this.#app.library.all<VersionRecord>(
      'SELECT * FROM skill_versions WHERE skill_id = ? ORDER BY id',
      skillId,
    )
    return rows.length > 0 ? this.#chance.pick(rows) : undefined
  }

  #all<T extends { id: string }>(sql: string): T[] {
    return this.#app.library.all<T>(sql, this.#tenantId).sort((a, b) => (a.id < b.id ? -1 : 1))
  }

  #pick<T extends { id: string }>(sql: string): T | undefined {
    const rows = this.#all<T>(sql)
    return rows.length > 0 ? this.#chance.pick(rows) : undefined
  }
}
