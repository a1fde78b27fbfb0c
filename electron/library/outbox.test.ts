import Database from 'better-sqlite3'
import { beforeEach, expect, test } from 'vitest'
import { resources } from '../../test/support/backend.ts'
import { Library } from './library.ts'
import { applyMigrations, readMigrations } from './migrate.ts'
import {
  acknowledge,
  countDue,
  countNeedsYou,
  dropParked,
  enqueue,
  hasDue,
  lastQueued,
  listDue,
  type Operation,
  park,
  unpark,
} from './outbox.ts'
import { insertSpace } from './spaces.ts'

const TEAM = 'team'
let library: Library

beforeEach(() => {
  const db = new Database(':memory:')
  applyMigrations(db, readMigrations(`${resources.migrations}/sqlite`), 0)
  library = new Library()
  library.open(db)
  const space = (tenantId: string, kind: 'team' | 'personal') =>
    insertSpace(library, {
      tenantId,
      name: tenantId,
      slug: tenantId,
      kind,
      user: { id: `user-${tenantId}`, name: 'Ben', email: null },
      note: null,
      now: 1,
    })
  space(TEAM, 'team')
  space('mine', 'personal')
})

const queue = (over: Partial<Operation>) => {
  const change = {
    tenantId: TEAM,
    skillId: 's',
    entity: 'version',
    entityId: 'v',
    operation: 'insert',
    now: 1,
  } as const
  enqueue(library, { ...change, ...over })
}
const due = (entity: Operation['entity'], of: 'put' | 'publish' | 'review' | 'delete' = 'put') =>
  listDue(library, TEAM, entity, of, 0, 100).map(row => row.entity_id)
const REASON = { code: 'refused', reason: 'Too long.', todo: 'Make it shorter.' }
const parkNow = (entity: Operation['entity'], id: string, of: 'put' | 'publish' | 'review' = 'put') =>
  park(library, entity, id, of, lastQueued(library, TEAM), REASON)

test('only a team’s changes are queued', () => {
  queue({ tenantId: 'mine' })
  expect(hasDue(library, 'mine')).toBe(false)
  queue({})
  expect(hasDue(library, TEAM)).toBe(true)
  expect(countDue(library, TEAM)).toBe(1)
})

test('an acknowledgement takes what was read for sending, and leaves what came since', () => {
  queue({ entity: 'rating', entityId: 'r' })
  queue({ entity: 'rating', entityId: 'r', operation: 'update' })
  const seen = lastQueued(library, TEAM)
  queue({ entity: 'rating', entityId: 'r', operation: 'update' })
  queue({ entity: 'rating', entityId: 'r', operation: 'delete' })
  acknowledge(library, 'rating', 'r', 'put', seen)
  expect(due('rating')).toEqual(['r'])
  expect(due('rating', 'delete')).toEqual(['r'])
})

test('a parked version holds the versions of its own skill, nothing else', () => {
  queue({ entityId: 'bad' })
  parkNow('version', 'bad')
  queue({ entityId: 'later' })
  queue({ entityId: 'other', skillId: 'another' })
  queue({ entity: 'rating', entityId: 'r' })
  queue({ entity: 'skill', entityId: 's', operation: 'update' })
  expect(due('version')).toEqual(['other'])
  expect(due('rating')).toEqual(['r'])
  expect(due('skill')).toEqual(['s'])
  expect(countDue(library, TEAM)).toBe(3)
  expect(countNeedsYou(library, TEAM)).toBe(1)
})

test('of a skill that was deleted there nothing goes', () => {
  queue({ entity: 'skill', entityId: 's', operation: 'update' })
  park(library, 'skill', 's', 'put', lastQueued(library, TEAM), { ...REASON, code: 'deleted' })
  queue({ entityId: 'v' })
  queue({ entity: 'rating', entityId: 'r' })
  expect(due('version')).toEqual([])
  expect(due('rating')).toEqual([])
  expect(hasDue(library, TEAM)).toBe(false)
  // The conflict asks; the queue does not count it again.
  expect(countNeedsYou(library, TEAM)).toBe(0)
})

test('a publish that was set aside holds those that were put on top of it', () => {
  queue({ entity: 'skill', entityId: 's', operation: 'publish', payload: { versionId: 'a', expected: null } })
  parkNow('skill', 's', 'publish')
  queue({ entity: 'skill', entityId: 's', operation: 'publish', payload: { versionId: 'b', expected: 'a' } })
  queue({ entity: 'skill', entityId: 's', operation: 'update' })
  expect(due('skill', 'publish')).toEqual([])
  expect(due('skill')).toEqual(['s'])
})

test('a change of the same row mends one that was refused: both go as one', () => {
  queue({ entity: 'rating', entityId: 'r' })
  parkNow('rating', 'r')
  expect(due('rating')).toEqual([])
  queue({ entity: 'rating', entityId: 'r', operation: 'update' })
  expect(due('rating')).toEqual(['r'])
  acknowledge(library, 'rating', 'r', 'put', lastQueued(library, TEAM))
  expect(countNeedsYou(library, TEAM)).toBe(0)
})

test('the reader lets a parked change go, or tries it again', () => {
  queue({ entityId: 'a' })
  const seq = lastQueued(library, TEAM)
  expect(unpark(library, TEAM, seq, 2)).toBe(false)
  parkNow('version', 'a')
  expect(unpark(library, TEAM, seq, 2)).toBe(true)
  expect(due('version')).toEqual(['a'])
  expect(dropParked(library, TEAM, seq)).toBe(false)
  parkNow('version', 'a')
  expect(dropParked(library, TEAM, seq)).toBe(true)
  expect(lastQueued(library, TEAM)).toBe(0)
})

test('what was put on top of a publish that is let go is put on what that was put on', () => {
  const publish = (versionId: string, expected: string | null) =>
    queue({ entity: 'skill', entityId: 's', operation: 'publish', payload: { versionId, expected } })
  publish('v1', null)
  const seq = lastQueued(library, TEAM)
  parkNow('skill', 's', 'publish')
  publish('v2', 'v1')
  publish('v3', 'v2')
  expect(dropParked(library, TEAM, seq)).toBe(true)
  const queued = library.all<{ payload: string }>('SELECT payload FROM outbox ORDER BY seq')
  expect(queued.map(row => JSON.parse(row.payload))).toEqual([
    { versionId: 'v2', expected: null },
    { versionId: 'v3', expected: 'v2' },
  ])
})
