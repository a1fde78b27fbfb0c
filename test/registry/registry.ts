import { createHash } from 'node:crypto'
import path from 'node:path'
import pg from 'pg'
import { v7 } from 'uuid'
import { secureDatabase } from '../../electron/registry/harden.ts'
import { addMember, type Login, type MemberRole } from '../../electron/registry/members.ts'
import { readMigrations } from '../../electron/registry/migrate.ts'
import type { ProvenText, SkillToPush, VersionToPush } from '../../electron/registry/postgres.ts'
import { createTenant, initRegistry } from '../../electron/registry/provision.ts'
import { encodeManifest } from '../../shared/domain/bundle.ts'
import { projectDir } from '../support/backend.ts'
import { startTestPostgres, type TestPostgres, withClient } from '../support/postgres.ts'

export const migrations = readMigrations(path.join(projectDir, 'migrations', 'postgres'))

export type TestMember = { userId: string; login: Login; role: MemberRole; name: string }
export type TestTenant = {
  id: string
  slug: string
  admin: TestMember
  author: TestMember
  other: TestMember
  reader: TestMember
}

/** A server with two tenants of four members each; every `database()` is a fresh copy of them, with the same logins. */
export type TestRegistry = {
  postgres: TestPostgres
  a: TestTenant
  b: TestTenant
  database(): Promise<TestDatabase>
  stop(): Promise<void>
}

export type TestDatabase = {
  name: string
  /** The superuser's connection string. */
  ownerUrl: string
  urlOf(member: { login: Login }): string
  /** Connected until `close`. */
  as(member: { login: Login }): Promise<pg.Client>
  owner(): Promise<pg.Client>
  close(): Promise<void>
}

export async function startTestRegistry(settings: Record<string, string> = {}): Promise<TestRegistry> {
  const postgres = await startTestPostgres(settings)
  const template = await postgres.createDatabase()
  const [a, b] = await withClient(template.url, async owner => {
    const first = await makeTenant(owner, 'alpha', true)
    return [first, await makeTenant(owner, 'beta', false)] as const
  })
  return {
    postgres,
    a,
    b,
    database: async () => {
      const made = await postgres.createDatabase(template.name)
      await withClient(made.url, secureDatabase)
      return openDatabase(postgres, made)
    },
    stop: () => postgres.stop(),
  }
}

/** A database with connections to it, as its owner and as members. */
export function openDatabase(postgres: TestPostgres, made: { name: string; url: string }): TestDatabase {
  const open: pg.Client[] = []
  const connect = async (url: string) => {
    const client = new pg.Client({ connectionString: url, application_name: 'test' })
    // Being cut off by the server is what some tests are about.
    client.on('error', () => undefined)
    await client.connect()
    open.push(client)
    return client
  }
  const urlOf = (member: { login: Login }) =>
    `postgres://${member.login.user}:${member.login.password}@127.0.0.1:${postgres.server.port}/${made.name}`
  return {
    name: made.name,
    ownerUrl: made.url,
    urlOf,
    as: member => connect(urlOf(member)),
    owner: () => connect(made.url),
    close: async () => {
      for (const client of open) await client.end().catch(() => undefined)
    },
  }
}

async function makeTenant(owner: pg.Client, slug: string, first: boolean): Promise<TestTenant> {
  const id = v7()
  const now = Date.now()
  const tenant = { id, name: `Team ${slug}`, slug, now }
  if (first) {
    const made = await initRegistry(owner, migrations, tenant)
    if (made.kind !== 'ready') throw new Error(JSON.stringify(made))
  } else await createTenant(owner, tenant)
  const member = async (name: string, role: MemberRole): Promise<TestMember> => {
    const userId = v7()
    const email = `${name}@${slug}.example`
    const login = await addMember(owner, { tenantId: id, userId, name, email, role, now, expiresAt: now + 3_600_000 })
    return { userId, login, role, name }
  }
  return {
    id,
    slug,
    admin: await member('Ada', 'admin'),
    author: await member('Ben', 'author'),
    other: await member('Cleo', 'author'),
    reader: await member('Dan', 'reader'),
  }
}

export const newSkill = (over: Partial<SkillToPush> = {}): SkillToPush => {
  const id = over.id ?? v7()
  return {
    id,
    slug: `skill-${id.slice(-12)}`,
    name: 'release-notes',
    description: 'Writes release notes.',
    category: null,
    tags: '[]',
    status: 'draft',
    visibility: 'tenant',
    forked_from_id: null,
    forked_at_version_id: null,
    ...over,
  }
}

let hashes = 0
export const newVersion = (skillId: string, over: Partial<VersionToPush> = {}): VersionToPush => ({
  id: v7(),
  skill_id: skillId,
  parent_version_id: null,
  merged_version_id: null,
  content_hash: (++hashes).toString(16).padStart(64, '0'),
  content_type: 'application/vnd.whetstone.bundle+json',
  name: 'release-notes',
  description: 'Writes release notes.',
  message: 'Say less',
  metadata: '{}',
  ...over,
})

/** A bundle of one SKILL.md: the version's hash, and what proves to the registry that this is its text. */
export function provenText(skillMd: string): { hash: string; content: ProvenText } {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex')
  const size = Buffer.byteLength(skillMd)
  const manifest = encodeManifest([{ path: 'SKILL.md', sha256: sha256(skillMd), size, executable: false }])
  return { hash: sha256(manifest), content: { skillMd, manifest } }
}

export const newRating = (skillId: string, versionId: string, over: Record<string, unknown> = {}) => ({
  id: v7(),
  skill_id: skillId,
  skill_version_id: versionId,
  rating: 4,
  comment: null,
  hours_saved_estimate: null,
  ...over,
})

export const newFeedback = (skillId: string, versionId: string | null, over: Record<string, unknown> = {}) => ({
  id: v7(),
  skill_id: skillId,
  skill_version_id: versionId,
  feedback_type: 'thumbs_up',
  sentiment: null,
  comment: null,
  suggested_content: null,
  suggested_diff: null,
  example_input: null,
  example_output: null,
  expected_output: null,
  severity: null,
  quality_score: null,
  usage_event_id: null,
  source: 'app',
  ...over,
})

type Over = Record<string, string | number | null>

export const newUsageEvent = (skillId: string, versionId: string, over: Over = {}) => ({
  id: v7(),
  skill_id: skillId,
  skill_version_id: versionId,
  tool: 't',
  ...over,
})

export const newMeasurement = (skillId: string, versionId: string, over: Over = {}) => ({
  id: v7(),
  skill_id: skillId,
  skill_version_id: versionId,
  usage_event_id: null,
  model_name: 'm',
  model_provider: 'p',
  input_tokens: 1,
  output_tokens: 2,
  cache_read_tokens: null,
  cache_write_tokens: null,
  total_tokens: 3,
  estimated_cost_microcents: null,
  latency_ms: null,
  source: 'app',
  ...over,
})

export const newCase = (skillId: string, over: Over = {}) => ({
  id: v7(),
  skill_id: skillId,
  name: 'n',
  prompt: 'p',
  expected_output: null,
  assertions: '[]',
  files: '[]',
  tags: '[]',
  weight: 1,
  source_feedback_id: null,
  archived: 0,
  provenance: '{}',
  ...over,
})

export const newRun = (skillId: string, versionId: string, over: Over = {}) => ({
  id: v7(),
  skill_id: skillId,
  skill_version_id: versionId,
  case_set_hash: 'h',
  judge_model: null,
  judge_prompt_hash: null,
  price_table_date: null,
  repeats: 1,
  models: '["m"]',
  status: 'running',
  best_model: null,
  best_quality_score: null,
  cheapest_model: null,
  cheapest_cost_microcents: null,
  started_at: 1,
  completed_at: null,
  configuration: 'v1',
  baseline: 0,
  content_hash: null,
  batch_id: null,
  settings: '{}',
  provenance: '{}',
  error_message: null,
  ...over,
})

export const newResult = (runId: string, caseId: string, over: Over = {}) => ({
  id: v7(),
  run_id: runId,
  case_id: caseId,
  model_name: 'm',
  model_provider: 'p',
  repeat: 1,
  input_used: null,
  output_produced: 'o',
  expected_output: null,
  input_tokens: 1,
  output_tokens: 1,
  cache_read_tokens: null,
  cache_write_tokens: null,
  total_tokens: 2,
  estimated_cost_microcents: null,
  latency_ms: 3,
  quality_score: null,
  quality_notes: null,
  matches_expected: null,
  assertion_results: '[]',
  error_message: null,
  details: '{}',
  ...over,
})
