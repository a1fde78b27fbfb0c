import Database from 'better-sqlite3'
import { beforeEach, expect, test } from 'vitest'
import { resources } from '../../test/support/backend.ts'
import { Library } from './library.ts'
import { applyMigrations, readMigrations } from './migrate.ts'
import { putRow, type RemoteRow } from './mirror.ts'
import { deletePlainRow, putPlainRow } from './mirror-rows.ts'
import { putSkill } from './mirror-skills.ts'
import { numberVersion, putVersion, unnumberVersion } from './mirror-versions.ts'
import { enqueue } from './outbox.ts'
import { insertSpace } from './spaces.ts'
import { putSyncState, remoteSkillSeq, updateSyncState } from './sync-states.ts'
import { keepWaiting, listWaiting } from './waiting-rows.ts'

const TEAM = 'team'
let library: Library

beforeEach(() => {
  const db = new Database(':memory:')
  applyMigrations(db, readMigrations(`${resources.migrations}/sqlite`), 0)
  library = new Library()
  library.open(db)
  for (const tenantId of [TEAM, 'other'])
    insertSpace(library, {
      tenantId,
      name: tenantId,
      slug: tenantId,
      kind: 'team',
      user: { id: `user-${tenantId}`, name: 'Ben', email: null },
      note: null,
      now: 1,
    })
  putSyncState(library, { tenantId: TEAM, host: 'h', settings: '{}', role: 'author', schemaVersion: 1, now: 1 })
})

const skill = (id: string, over: RemoteRow = {}): RemoteRow => ({
  id,
  tenant_id: TEAM,
  slug: id,
  name: id,
  description: '',
  category: null,
  tags: '[]',
  status: 'draft',
  visibility: 'tenant',
  published_version_id: null,
  draft_version_id: null,
  forked_from_id: null,
  forked_at_version_id: null,
  author_id: 'user-team',
  content: null,
  created_at: 1,
  updated_at: 1,
  ...over,
})
const version = (id: string, number: number, over: RemoteRow = {}): RemoteRow => ({
  id,
  tenant_id: TEAM,
  skill_id: 's',
  version: number,
  parent_version_id: null,
  merged_version_id: null,
  content_url: 'https://elsewhere.example/evil',
  content_hash: 'a'.repeat(64),
  content_type: 'application/vnd.whetstone.bundle+json',
  name: 's',
  description: '',
  message: 'Said',
  metadata: '{}',
  created_by: 'user-team',
  created_at: 5,
  ...over,
})
const rating = (id: string, over: RemoteRow = {}): RemoteRow => ({
  id,
  tenant_id: TEAM,
  skill_id: 's',
  skill_version_id: 'v1',
  user_id: 'user-team',
  rating: 3,
  comment: null,
  hours_saved_estimate: null,
  created_at: 1,
  updated_at: 1,
  ...over,
})
const take = (row: RemoteRow, seq = 1) => putSkill(library, row, { tenantId: TEAM, seq, reconciling: false })
const takeVersion = (row: RemoteRow, reconciling = false) => putVersion(library, row, TEAM, reconciling)
const slugs = () =>
  Object.fromEntries(
    library.all<{ id: string; slug: string }>('SELECT id, slug FROM skills').map(row => [row.id, row.slug]),
  )
const queue = (
  entity: 'skill' | 'rating' | 'feedback',
  entityId: string,
  operation: 'insert' | 'update' | 'publish' | 'review' | 'delete',
  payload: unknown = {},
) => enqueue(library, { tenantId: TEAM, skillId: 's', entity, entityId, operation, payload, now: 1 })

test('two skills that swapped names end with each other’s, whichever comes first, and nobody is told', () => {
  take(skill('a', { slug: 'one' }))
  take(skill('b', { slug: 'two' }))
  expect(take(skill('a', { slug: 'two' }))).toMatchObject({ kind: 'put', renamed: undefined })
  expect(take(skill('b', { slug: 'one' }))).toMatchObject({ kind: 'put', renamed: undefined })
  expect(slugs()).toEqual({ a: 'two', b: 'one' })
})

test('a skill made here whose name the team has already gets the next free one', () => {
  take(skill('mine', { slug: 'pdf' }))
  take(skill('taken', { slug: 'pdf-2' }))
  queue('skill', 'mine', 'insert')
  expect(take(skill('theirs', { slug: 'pdf' }))).toMatchObject({
    renamed: { skillId: 'mine', from: 'pdf', to: 'pdf-3', otherId: 'theirs' },
  })
  expect(slugs()).toEqual({ mine: 'pdf-3', taken: 'pdf-2', theirs: 'pdf' })
})

test('what was changed here and not sent stays, column by column', () => {
  take(skill('s', { category: 'a', tags: '["old"]' }))
  library.run(`UPDATE skills SET category = 'mine' WHERE id = 's'`)
  queue('skill', 's', 'update', { category: 'mine' })
  take(skill('s', { category: 'theirs', tags: '["new"]', slug: 'renamed' }), 9)
  expect(library.find("SELECT category, tags, slug FROM skills WHERE id = 's'")).toEqual({
    category: 'mine',
    tags: '["new"]',
    slug: 'renamed',
  })
  expect(remoteSkillSeq(library, 's')).toBe(9)
})

test('a pointer stays where it was until its version is here', () => {
  take(skill('s'))
  takeVersion(version('v1', 1))
  take(skill('s', { draft_version_id: 'v1', published_version_id: 'v1', status: 'published' }))
  const ahead = skill('s', { draft_version_id: 'v2', published_version_id: 'v2', status: 'published', name: 'Later' })
  expect(take(ahead)).toMatchObject({ lacks: 'skill_versions v2' })
  const read = () => library.find("SELECT draft_version_id, published_version_id, name FROM skills WHERE id = 's'")
  expect(read()).toEqual({ draft_version_id: 'v1', published_version_id: 'v1', name: 's' })
  takeVersion(version('v2', 2))
  expect(take(ahead)).toMatchObject({ lacks: undefined })
  expect(read()).toEqual({ draft_version_id: 'v2', published_version_id: 'v2', name: 'Later' })
})

test('a version of ours that is not numbered yet stays the newest here', () => {
  take(skill('s'))
  takeVersion(version('v1', 1))
  library.run(
    `INSERT INTO skill_versions SELECT 'ours', tenant_id, skill_id, NULL, 'v1', NULL, content_url, content_hash, content_type,
       name, description, message, metadata, created_by, 9 FROM skill_versions WHERE id = 'v1'`,
  )
  library.run("UPDATE skills SET draft_version_id = 'ours', name = 'Ours' WHERE id = 's'")
  take(skill('s', { draft_version_id: 'v1', name: 'Theirs' }))
  expect(library.find("SELECT draft_version_id, name FROM skills WHERE id = 's'")).toEqual({
    draft_version_id: 'ours',
    name: 'Ours',
  })
})

test('an id of another team’s row here is refused, whatever table', () => {
  library.run(
    `INSERT INTO skills (id, tenant_id, slug, name, author_id, created_at, updated_at)
     VALUES ('s', 'other', 's', 'Theirs', 'user-other', 1, 1)`,
  )
  expect(take(skill('s')).kind).toBe('foreign')
  const user = { id: 'user-other', tenant_id: TEAM, name: 'Eve', email: null, role: 'admin', created_at: 1 }
  expect(putRow(library, 'users', user, TEAM)).toBe(false)
  // Nor does a row find its parent in another team.
  expect(takeVersion(version('v1', 1))).toEqual({ kind: 'waits', for: 'skills s' })
})

test('a version is numbered once, keeps its own address of content, and never comes back different', () => {
  take(skill('s'))
  expect(takeVersion(version('v1', 1))).toMatchObject({ kind: 'put', fresh: true })
  expect(library.find("SELECT content_url FROM skill_versions WHERE id = 'v1'")).toEqual({
    content_url: `blobs/sha256/aa/${'a'.repeat(64)}`,
  })
  expect(takeVersion(version('v1', 1))).toMatchObject({ kind: 'put', fresh: false })
  expect(takeVersion(version('v1', 1, { content_hash: 'b'.repeat(64) }))).toEqual({
    kind: 'rewritten',
    differs: ['content_hash'],
  })
  expect(takeVersion(version('v1', 7))).toEqual({ kind: 'rewritten', differs: ['version'] })
  expect(takeVersion(version('v2', 1))).toMatchObject({ kind: 'taken', by: { id: 'v1' } })
})

test('only a registry that was put back may number anew', () => {
  take(skill('s'))
  takeVersion(version('v1', 1))
  expect(() => numberVersion(library, 'v1', 2, 5)).toThrow('a version never changes')
  expect(() => unnumberVersion(library, 'v1')).toThrow('a version never changes')
  updateSyncState(library, TEAM, { reconciling: 1 })
  expect(takeVersion(version('v2', 1), true)).toMatchObject({ kind: 'put', displaced: { id: 'v1', version: 1 } })
  expect(takeVersion(version('v1', 2), true)).toMatchObject({ kind: 'put', renumbered: undefined })
  expect(takeVersion(version('v1', 3), true)).toMatchObject({ renumbered: { from: 2, to: 3 } })
  expect(() => library.run("UPDATE skill_versions SET message = 'x' WHERE id = 'v1'")).toThrow(
    'a version never changes',
  )
})

test('one rating a user and version: the registry’s id stays, also in the queue', () => {
  take(skill('s'))
  takeVersion(version('v1', 1))
  putPlainRow(library, 'ratings', rating('ours', { rating: 5 }), TEAM)
  queue('rating', 'ours', 'insert')
  expect(putPlainRow(library, 'ratings', rating('theirs', { rating: 2 }), TEAM)).toMatchObject({
    kind: 'put',
    overruled: { rating: 2 },
  })
  expect(library.all('SELECT id, rating FROM ratings')).toEqual([{ id: 'theirs', rating: 5 }])
  expect(library.all('SELECT entity_id FROM outbox')).toEqual([{ entity_id: 'theirs' }])
  expect(library.find("SELECT total_ratings, average_rating FROM skills WHERE id = 's'")).toEqual({
    total_ratings: 1,
    average_rating: 500,
  })
})

test('a row deleted here does not come back while that is on its way; one edited here is not deleted', () => {
  take(skill('s'))
  takeVersion(version('v1', 1))
  queue('rating', 'gone', 'delete')
  expect(putPlainRow(library, 'ratings', rating('gone'), TEAM)).toEqual({ kind: 'deleted' })
  putPlainRow(library, 'ratings', rating('kept'), TEAM)
  expect(deletePlainRow(library, 'ratings', 'nothing', TEAM)).toEqual({ kind: 'unknown' })
  queue('rating', 'kept', 'update')
  expect(deletePlainRow(library, 'ratings', 'kept', TEAM)).toMatchObject({ kind: 'edited' })
  library.run('DELETE FROM outbox')
  expect(deletePlainRow(library, 'ratings', 'kept', TEAM)).toEqual({ kind: 'deleted' })
  expect(library.find("SELECT total_ratings FROM skills WHERE id = 's'")).toEqual({ total_ratings: 0 })
})

test('what came before what it refers to is kept aside until that is here', () => {
  expect(putPlainRow(library, 'ratings', rating('r'), TEAM)).toEqual({ kind: 'waits', for: 'skills s' })
  keepWaiting(library, TEAM, { entity: 'ratings', id: 'r', seq: 4, row: rating('r'), reason: 'skills s' })
  expect(listWaiting(library, TEAM)).toEqual([])
  take(skill('s'))
  expect(listWaiting(library, TEAM).map(waiting => waiting.id)).toEqual(['r'])
})
