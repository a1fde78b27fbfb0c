import type pg from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pushSkills, pushVersions } from '../../electron/registry/postgres.ts'
import { type Cursor, pull } from '../../electron/registry/pull.ts'
import { noPostgres } from '../support/postgres.ts'
import { newSkill, newVersion, startTestRegistry, type TestDatabase, type TestRegistry } from './registry.ts'

describe.skipIf(noPostgres !== undefined)(
  `the log and its server’s clock${noPostgres ? `: ${noPostgres}` : ''}`,
  () => {
    let registry: TestRegistry
    let db: TestDatabase
    let owner: pg.Client
    let author: pg.Client
    beforeAll(async () => {
      registry = await startTestRegistry()
      db = await registry.database()
      author = await db.as(registry.a.author)
      owner = await db.owner()
    })
    afterAll(async () => {
      await db.close()
      await registry.stop()
    })

    test.each([
      ['stood still', '1'],
      ['was set back with each change', '1000000 - last_seq'],
    ])('a clock that %s keeps nothing from whoever reads page by page', async (_what, at) => {
      const skill = newSkill()
      await pushSkills(author, [skill])
      const versions = Array.from({ length: 5 }, () => newVersion(skill.id))
      for (const version of versions) await pushVersions(author, [version])
      await owner.query('SET session_replication_role = replica')
      await owner.query(`UPDATE whetstone.change_log SET at = ${at} WHERE tenant_id = $1`, [registry.a.id])
      await owner.query('RESET session_replication_role')
      const came = new Set<string>()
      for (let cursor: Cursor = { since: 0, mark: null }; ; ) {
        const page = await pull(author, cursor, 2)
        if (page.kind !== 'page') throw new Error(JSON.stringify(page))
        for (const change of page.changes) came.add(change.id)
        if (page.next.since >= page.head) break
        cursor = page.next
      }
      expect(versions.filter(version => !came.has(version.id))).toEqual([])
    })
  },
)
