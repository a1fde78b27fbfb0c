import type pg from 'pg'
import { expect } from 'vitest'
import {
  publish,
  pushRows,
  pushSkills,
  pushVersions,
  type SkillToPush,
  type VersionToPush,
} from '../../electron/registry/postgres.ts'
import { pull } from '../../electron/registry/pull.ts'
import {
  newCase,
  newFeedback,
  newMeasurement,
  newRating,
  newResult,
  newRun,
  newSkill,
  newUsageEvent,
  newVersion,
  provenText,
  startTestRegistry,
  type TestDatabase,
  type TestRegistry,
  type TestTenant,
} from './registry.ts'

/** What an attack came to: everything the attacker got to see, as text, and the SQLSTATE where it was refused. */
export type Outcome = { refused: string | undefined; rows: Record<string, unknown>[]; seen: string }

/** Occurs in every text of tenant A's, and nowhere else. */
export const MARKER = 'ALPHA-ONLY'

/**
 * Tenant A with a row in every table, each text of it marked; tenant B's members with their own logins, on the same
 * database. `attempt` runs what B tries and fails the test if anything of A shows in rows, errors or notices.
 */
export class AttackField {
  readonly registry: TestRegistry
  readonly db: TestDatabase
  readonly a: TestTenant
  readonly b: TestTenant
  readonly skill: SkillToPush
  readonly versions: VersionToPush[]
  /** Ids of A's rows by table, and whatever else only A may know. */
  readonly secrets: Set<string>
  private readonly author: pg.Client

  private constructor(registry: TestRegistry, db: TestDatabase, author: pg.Client, seeded: Seeded) {
    this.registry = registry
    this.db = db
    this.a = registry.a
    this.b = registry.b
    this.author = author
    this.skill = seeded.skill
    this.versions = seeded.versions
    this.secrets = seeded.secrets
  }

  static async open(settings: Record<string, string> = {}): Promise<AttackField> {
    const registry = await startTestRegistry(settings)
    const db = await registry.database()
    const author = await db.as(registry.a.author)
    return new AttackField(registry, db, author, await seed(db, author, registry.a))
  }

  async close(): Promise<void> {
    await this.db.close()
    await this.registry.stop()
  }

  /** Runs one statement, or several without parameters, as an attacker. */
  async attempt(client: pg.Client, sql: string, values?: unknown[]): Promise<Outcome> {
    // What the attackers wrote themselves is nothing that they saw.
    const given = sql + JSON.stringify(values ?? [])
    const heard: string[] = []
    const listen = (notice: { message?: string | undefined }) => heard.push(String(notice.message))
    client.on('notice', listen)
    try {
      const result = await client.query(sql, values)
      const rows = (Array.isArray(result) ? result : [result]).flatMap(one => one.rows)
      return this.checked({ refused: undefined, rows, seen: JSON.stringify(rows) + heard.join() }, given)
    } catch (error) {
      if (!(error instanceof Error)) throw error
      await client.query('ROLLBACK').catch(() => undefined)
      const code = 'code' in error ? String(error.code) : error.message
      return this.checked(
        { refused: code, rows: [], seen: JSON.stringify({ ...error, message: error.message }) + heard.join() },
        given,
      )
    } finally {
      client.off('notice', listen)
    }
  }

  /** The same, and it must be refused; `codes` are the SQLSTATEs that it may be refused with. */
  async refused(
    client: pg.Client,
    sql: string,
    codes: readonly string[] = ['42501'],
    values?: unknown[],
  ): Promise<void> {
    const outcome = await this.attempt(client, sql, values)
    expect(codes, `${sql}\n${outcome.seen.slice(0, 400)}`).toContain(outcome.refused)
  }

  private checked(outcome: Outcome, given: string): Outcome {
    for (const secret of this.secrets)
      if (outcome.seen.includes(secret) && !given.includes(secret))
        throw new Error(`${secret} of tenant A was seen: ${outcome.seen.slice(0, 500)}`)
    return outcome
  }

  /** Tenant A's sync: a version numbered, a rating changed, everything pulled. */
  async syncOfA(): Promise<void> {
    const version = newVersion(this.skill.id, { message: MARKER, parent_version_id: this.versions.at(-1)?.id ?? null })
    const pushed = await pushVersions(this.author, [version])
    expect(pushed, JSON.stringify(pushed)).toMatchObject({
      rows: [{ state: 'inserted', version: this.versions.length + 1 }],
    })
    this.versions.push(version)
    this.secrets.add(version.id)
    const rated = await pushRows(this.author, 'ratings', [newRating(this.skill.id, version.id, { comment: MARKER })])
    expect(rated).toMatchObject({ rows: [{ state: 'inserted' }] })
    const pulled = await pull(this.author, { since: 0, mark: null }, 2_000)
    expect(pulled.kind).toBe('page')
    if (pulled.kind === 'page') expect(pulled.changes.some(change => change.id === version.id)).toBe(true)
  }

  /** A skill of A's whose id and slug have become known. */
  async knownSkill(): Promise<SkillToPush> {
    const skill = newSkill()
    expect(await pushSkills(this.author, [skill])).toMatchObject({ rows: [{ state: 'inserted' }] })
    return skill
  }

  /** Every row of A as it is now, by the owner: for comparing before and after. */
  async stateOfA(): Promise<Record<string, unknown>> {
    const owner = await this.db.owner()
    const state: Record<string, unknown> = {}
    for (const table of TABLES) {
      const key = table === 'tenants' ? 'id' : 'tenant_id'
      const { rows } = await owner.query(
        `SELECT to_json(t) AS row FROM whetstone.${table} t WHERE ${key} = $1 ORDER BY t::text`,
        [this.a.id],
      )
      state[table] = rows.map(row => row.row)
    }
    await owner.end()
    return state
  }
}

export const TABLES = [
  'tenants',
  'users',
  'skills',
  'skill_versions',
  'ratings',
  'skill_feedback',
  'token_measurements',
  'usage_events',
  'benchmark_cases',
  'benchmark_runs',
  'benchmark_results',
  'members',
  'tenant_heads',
  'tenant_settings',
  'change_log',
  'tombstones',
  'publish_log',
  'version_approvals',
  'skill_totals',
  'quarantined_rows',
] as const

type Seeded = { skill: SkillToPush; versions: VersionToPush[]; secrets: Set<string> }

async function seed(db: TestDatabase, author: pg.Client, tenant: TestTenant): Promise<Seeded> {
  const skill = newSkill({
    name: MARKER,
    description: MARKER,
    slug: 'alpha-only',
    category: MARKER,
    tags: `["${MARKER}"]`,
  })
  const text = provenText(MARKER)
  const version = newVersion(skill.id, {
    content_hash: text.hash,
    name: MARKER,
    description: MARKER,
    message: MARKER,
    metadata: `{"origin":"${MARKER}"}`,
  })
  const feedback = newFeedback(skill.id, version.id, { comment: MARKER, example_input: MARKER })
  const gone = newRating(skill.id, version.id, { comment: MARKER })
  const one = newCase(skill.id, {
    name: MARKER,
    prompt: MARKER,
    expected_output: MARKER,
    source_feedback_id: feedback.id,
  })
  const run = newRun(skill.id, version.id, { case_set_hash: MARKER, best_model: MARKER })
  const result = newResult(run.id, one.id, { model_name: MARKER, model_provider: MARKER, output_produced: MARKER })
  const measurement = newMeasurement(skill.id, version.id, {
    model_name: MARKER,
    model_provider: MARKER,
    estimated_cost_microcents: 7,
  })
  const used = newUsageEvent(skill.id, version.id, { tool: MARKER })
  const admin = await db.as(tenant.admin)
  const answers = [
    await pushSkills(author, [skill]),
    await pushVersions(author, [version]),
    await pushRows(author, 'feedback', [feedback]),
    await pushRows(author, 'ratings', [gone]),
    await pushRows(author, 'benchmark_cases', [one]),
    await pushRows(author, 'benchmark_runs', [run]),
    await pushRows(author, 'benchmark_results', [result]),
    await pushRows(author, 'measurements', [measurement]),
    await pushRows(author, 'usage_events', [used]),
  ]
  for (const answer of answers) expect(answer).toMatchObject({ rows: [{ state: 'inserted' }] })
  await author.query("SELECT whetstone.remove_rows('ratings', ARRAY[$1])", [gone.id])
  await admin.query('SELECT whetstone.approve_version($1)', [version.id])
  const moved = await publish(author, {
    skillId: skill.id,
    versionId: version.id,
    expected: null,
    content: text.content,
  })
  expect(moved.kind).toBe('published')
  const { rows } = await admin.query('SELECT epoch, channel FROM whetstone.tenant_heads')
  await admin.end()
  const members = [tenant.admin, tenant.author, tenant.other, tenant.reader]
  const ids = [skill, version, feedback, gone, one, run, result, measurement, used].map(row => row.id)
  const secrets = new Set([
    MARKER,
    tenant.id,
    `Team ${tenant.slug}`,
    ...ids,
    ...members.map(member => member.userId),
    rows[0].epoch,
    rows[0].channel,
  ])
  return { skill, versions: [version], secrets }
}
