import { createHash } from 'node:crypto'
import { z } from 'zod'
import type {
  Approved,
  ProvenText,
  Published,
  PublishMove,
  PushedSkill,
  PushedVersion,
  SkillToPush,
  VersionToPush,
} from '../../electron/sync/remote.ts'
import { checkRow } from './memory-checks.ts'
import {
  bytesOf,
  type Member,
  RegistryError,
  type Row,
  type TableName,
  type Transaction,
  type Value,
} from './memory-state.ts'

/** migrations/postgres/0070, said once more in memory: what each call does to a team's rows, and what it answers. */
export function needs(tx: Transaction, role: Member['role']): void {
  const { me } = tx
  // What a role may not call at all is refused by grant, before the function looks.
  if (me.role === 'reader' && role !== 'reader') throw new RegistryError('42501', 'permission denied for function')
}

export function checkPage(ids: readonly string[]): void {
  if (ids.length < 1 || ids.length > 2000)
    throw new RegistryError('WS413', `a page has 1 to 2000 rows, not ${ids.length}`)
  if (new Set(ids).size < ids.length) throw new RegistryError('WS409', 'the same row is in the page twice')
}

const VERSION_COLUMNS = [
  'skill_id',
  'parent_version_id',
  'merged_version_id',
  'content_hash',
  'content_type',
  'name',
  'description',
  'message',
  'metadata',
] as const

export function pushVersions(tx: Transaction, page: readonly VersionToPush[]): PushedVersion[] {
  needs(tx, 'author')
  checkPage(page.map(row => row.id))
  const known = new Set(page.filter(row => tx.find('skill_versions', row.id)).map(row => row.id))
  const fresh = page.filter(row => !known.has(row.id))
  for (const row of fresh)
    if (!tx.find('skills', row.skill_id)) throw new RegistryError('WS404', 'a version’s skill is not there')
  const before = new Set<string>()
  for (const row of fresh) {
    for (const parent of [row.parent_version_id, row.merged_version_id])
      if (parent !== null && !before.has(parent) && !tx.find('skill_versions', parent))
        throw new RegistryError('WS404', `there is no version ${parent}`)
    before.add(row.id)
  }
  const numbers = new Map<string, number>()
  const last = new Map<string, VersionToPush>()
  for (const row of fresh) {
    const number = tx.versionsOf(row.skill_id) + 1
    tx.countVersions(row.skill_id, number)
    numbers.set(row.id, number)
    last.set(row.skill_id, row)
  }
  for (const row of fresh) insertVersion(tx, row, numbers.get(row.id) ?? 0)
  const places = new Map<string, number>()
  if (fresh.length > 0) {
    const bytes = fresh.reduce((sum, row) => sum + 400 + bytesOf(row.description) + bytesOf(row.message), 0)
    const ids = fresh.map(row => row.id)
    const first = tx.log('skill_versions', 'put', ids, fresh.length, bytes)
    ids.forEach((id, n) => {
      places.set(id, first + n)
    })
    const touched = [...last.keys()]
    const firstSkill = tx.log('skills', 'put', touched, 0, 0)
    touched.forEach((skillId, n) => {
      const newest = last.get(skillId)
      const { id = '', name = '', description = '' } = newest ?? {}
      changeSkill(tx, skillId, { draft_version_id: id, name, description }, firstSkill + n)
    })
  }
  return page.map(row => {
    const stored = tx.find('skill_versions', row.id)
    const same =
      stored?.created_by === tx.me.userId && VERSION_COLUMNS.every(column => stored[column] === (row[column] ?? null))
    return {
      id: row.id,
      state: known.has(row.id) ? (same ? 'identical' : 'conflict') : 'inserted',
      version: Number(stored?.version),
      seq: places.get(row.id) ?? null,
      content_hash: String(stored?.content_hash),
      created_at: Number(stored?.created_at),
    }
  })
}

function insertVersion(tx: Transaction, row: VersionToPush, version: number): void {
  const { id, skill_id, parent_version_id, merged_version_id, content_hash, content_type } = row
  const { name, description, message, metadata } = row
  const stored: Row = {
    id,
    tenant_id: tx.tenant.id,
    skill_id,
    version,
    parent_version_id,
    merged_version_id,
    content_url: `blobs/sha256/${content_hash.slice(0, 2)}/${content_hash}`,
    content_hash,
    content_type,
    name,
    description,
    message,
    metadata,
    created_by: tx.me.userId,
    created_at: tx.now,
  }
  checkRow(tx, 'skill_versions', stored)
  tx.put('skill_versions', id, stored)
}

function changeSkill(tx: Transaction, id: string, change: Row, seq: number): void {
  const row = { ...tx.find('skills', id), ...change, updated_at: tx.now }
  checkRow(tx, 'skills', row)
  tx.put('skills', id, row, seq)
}

const seqOf = (tx: Transaction, table: TableName, id: string): number | null =>
  tx.tenant.tables[table].get(id)?.seq ?? null

export function pushSkills(tx: Transaction, page: readonly SkillToPush[]): PushedSkill[] {
  needs(tx, 'author')
  checkPage(page.map(row => row.id))
  return page.map(row => pushSkill(tx, row))
}

function pushSkill(tx: Transaction, one: SkillToPush): PushedSkill {
  const was = tx.find('skills', one.id)
  const wasAt = seqOf(tx, 'skills', one.id)
  const other = [...tx.tenant.tables.skills.values()].find(({ row }) => row.slug === one.slug && row.id !== one.id)
  const other_id = other ? String(other.row.id) : null
  const answer = (state: Exclude<PushedSkill['state'], 'refused'>, seq = wasAt): PushedSkill => ({
    id: one.id,
    state,
    seq,
    other_id,
  })
  if (!was && tx.isBuried('skills', one.id)) return answer('deleted')
  if (was && isSameSkill(tx, was, one)) return answer('identical')
  if (was && was.author_id !== tx.me.userId && tx.me.role !== 'admin') return answer('forbidden')
  if (was && one.expected_seq !== undefined && one.expected_seq !== wasAt) return answer('conflict')
  if (other) return answer('slug_taken')
  if (was) {
    const seq = tx.log('skills', 'put', [one.id], 0, 0)
    const back = was.published_version_id === null ? 'draft' : 'published'
    const named: Row = tx.versionsOf(one.id) > 0 ? {} : { name: one.name, description: one.description }
    const status = one.status === 'archived' ? 'archived' : back
    changeSkill(tx, one.id, { slug: one.slug, category: one.category, tags: one.tags, status, ...named }, seq)
    return answer('updated', seq)
  }
  const seq = tx.log('skills', 'put', [one.id], 1, 1000 + bytesOf(one.description))
  const row: Row = {
    id: one.id,
    tenant_id: tx.tenant.id,
    slug: one.slug,
    name: one.name,
    description: one.description,
    category: one.category,
    tags: one.tags,
    status: one.status === 'archived' ? 'archived' : 'draft',
    visibility: one.visibility,
    published_version_id: null,
    draft_version_id: null,
    forked_from_id: one.forked_from_id,
    forked_at_version_id: one.forked_at_version_id,
    author_id: tx.me.userId,
    content: null,
    created_at: tx.now,
    updated_at: tx.now,
    // Counted when the row is read (memory-pull.ts).
    total_uses: 0,
    total_ratings: 0,
    total_feedback: 0,
  }
  checkRow(tx, 'skills', row)
  tx.put('skills', one.id, row, seq)
  return answer('inserted', seq)
}

function isSameSkill(tx: Transaction, was: Row, one: SkillToPush): boolean {
  const described = was.slug === one.slug && was.category === one.category && was.tags === one.tags
  const named = was.name === one.name && was.description === one.description
  const archived = (was.status === 'archived') === (one.status === 'archived')
  return described && archived && (tx.versionsOf(one.id) > 0 || named)
}

export function publish(tx: Transaction, move: PublishMove): Published {
  needs(tx, 'author')
  const { skillId, versionId } = move
  const was = tx.find('skills', skillId)
  const published = typeof was?.published_version_id === 'string' ? was.published_version_id : null
  const version = versionId === null ? undefined : tx.find('skill_versions', versionId)
  if (!was || (versionId !== null && version?.skill_id !== skillId)) return { kind: 'missing', published }
  if (was.author_id !== tx.me.userId && tx.me.role !== 'admin') return { kind: 'forbidden', published }
  if (published === versionId) return { kind: 'identical', published }
  if (published !== move.expected) return { kind: 'moved', published }
  const text = versionId === null ? null : move.content
  if (text) checkContent(version?.content_hash ?? null, text)
  const approved = [...tx.tenant.approvals.keys()].some(key => {
    const [of, by] = key.split(' ')
    return of === versionId && by !== version?.created_by
  })
  if (versionId !== null && tx.tenant.needsApproval && !approved) return { kind: 'needs_approval', published }
  const content = text?.skillMd ?? null
  const seq = tx.log('skills', 'put', [skillId], 0, bytesOf(content) - bytesOf(was.content))
  const open = versionId === null ? 'draft' : 'published'
  const status = was.status === 'archived' ? 'archived' : open
  changeSkill(tx, skillId, { published_version_id: versionId, content, status }, seq)
  tx.notePublished({ skillId, from: published, to: versionId, userId: tx.me.userId })
  return { kind: 'published', published: versionId }
}

/** As whetstone.check_content: the manifest hashes to the version's name, and names this text's hash. */
function checkContent(hash: Value, { skillMd, manifest }: ProvenText): void {
  if (sha256(manifest) !== hash) throw new RegistryError('WS409', 'this is not the manifest of that version')
  const entries = z.array(z.object({ path: z.string(), sha256: z.string() })).parse(JSON.parse(manifest))
  const named = entries.filter(entry => entry.path === 'SKILL.md')
  const [only, other] = named.length > 0 ? named : entries.filter(entry => entry.path === 'skill.md')
  if (!only || other || only.sha256 !== sha256(skillMd))
    throw new RegistryError('WS409', 'this is not the SKILL.md of that version')
}

const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex')

/** As whetstone.approve_version answers. */
export function approve(tx: Transaction, versionId: string): Approved {
  needs(tx, 'author')
  const version = tx.find('skill_versions', versionId)
  const skill = version && tx.find('skills', String(version.skill_id))
  if (!version || !skill) return { kind: 'missing' }
  const may = tx.me.role === 'admin' || skill.author_id === tx.me.userId
  if (!may || version.created_by === tx.me.userId) return { kind: 'forbidden' }
  tx.tenant.approvals.set(`${versionId} ${tx.me.userId}`, true)
  return { kind: 'approved' }
}
