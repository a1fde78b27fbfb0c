import Database from 'better-sqlite3'
import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { type TestBackend, testBackend } from '../../test/support/backend.ts'
import { configure } from './open.ts'

/** The rules hold whoever writes: these tests use a connection of their own, past every service. */
let test_: TestBackend
let db: Database.Database
beforeEach(async () => {
  test_ = await testBackend()
  db = new Database(`${test_.dataDir}/library.db`)
  configure(db)
})
afterEach(async () => {
  db.close()
  await test_[Symbol.asyncDispose]()
})

async function savedSkill(slug = 'one') {
  const { api, tenantId } = test_
  const { id } = await api.skills.create({ tenantId, slug })
  const version = await api.versions.save({ skillId: id, message: 'first' })
  return { id, version }
}

describe('a version', () => {
  test('cannot be updated in any column', async () => {
    const { version } = await savedSkill()
    const columns = db.prepare<[], { name: string }>('PRAGMA table_info(skill_versions)').all()
    for (const { name } of columns)
      expect(
        () => db.prepare(`UPDATE skill_versions SET ${name} = ${name} WHERE id = ?`).run(version.id),
        name,
      ).toThrow('a version never changes')
  })

  test('cannot be deleted, nor replaced, nor go with its skill or tenant', async () => {
    const { id, version } = await savedSkill()
    expect(() => db.prepare('DELETE FROM skill_versions WHERE id = ?').run(version.id)).toThrow('never deleted')
    expect(() => db.prepare('DELETE FROM skills WHERE id = ?').run(id)).toThrow('never deleted')
    expect(() => db.prepare('DELETE FROM tenants').run()).toThrow()
    expect(() =>
      db.prepare('INSERT OR REPLACE INTO skill_versions SELECT * FROM skill_versions WHERE id = ?').run(version.id),
    ).toThrow('never deleted')
    expect(await test_.api.versions.get({ id: version.id })).toMatchObject({ message: 'first' })
  })

  test('gets its number from the registry once, and nothing else with it', async () => {
    const { version } = await savedSkill()
    db.prepare(
      `INSERT INTO skill_versions SELECT 'pending', tenant_id, skill_id, NULL, id, NULL, content_url, content_hash, content_type,
         name, description, message, metadata, created_by, created_at FROM skill_versions WHERE id = ?`,
    ).run(version.id)
    expect(() =>
      db.prepare("UPDATE skill_versions SET version = 2, message = 'x' WHERE id = 'pending'").run(),
    ).toThrow()
    db.prepare("UPDATE skill_versions SET version = 2 WHERE id = 'pending'").run()
    expect(() => db.prepare("UPDATE skill_versions SET version = 3 WHERE id = 'pending'").run()).toThrow(
      'never changes',
    )
  })

  test('cannot have a parent in another space', async () => {
    const { version } = await savedSkill()
    const { tenantId } = await test_.api.spaces.openSample()
    const theirs = db
      .prepare<[string], { id: string }>('SELECT id FROM skill_versions WHERE tenant_id = ? LIMIT 1')
      .get(tenantId)
    expect(() =>
      db
        .prepare(
          `INSERT INTO skill_versions SELECT 'x', tenant_id, skill_id, 9, ?, NULL, content_url, content_hash, content_type,
             name, description, message, metadata, created_by, created_at FROM skill_versions WHERE id = ?`,
        )
        .run(theirs?.id, version.id),
    ).toThrow('not in this space')
  })

  test('content cannot be changed in place', () => {
    db.prepare("INSERT INTO blobs VALUES (?, 1, x'00')").run('a'.repeat(64))
    expect(() => db.prepare("UPDATE blobs SET bytes = x'01'").run()).toThrow('content never changes')
  })
})

describe('aggregates on skills', () => {
  const recomputed = `SELECT s.id,
      (SELECT count(*) FROM usage_events WHERE skill_id = s.id) AS total_uses,
      (SELECT count(*) FROM ratings WHERE skill_id = s.id) AS total_ratings,
      (SELECT CAST(round(100.0 * avg(rating)) AS INTEGER) FROM ratings WHERE skill_id = s.id) AS average_rating,
      (SELECT sum(hours_saved_estimate) FROM ratings WHERE skill_id = s.id) AS hours_saved,
      (SELECT count(*) FROM skill_feedback WHERE skill_id = s.id) AS total_feedback,
      (SELECT CAST(round(100.0 * sum(feedback_type = 'thumbs_up') / nullif(sum(feedback_type IN ('thumbs_up', 'thumbs_down')), 0)) AS INTEGER)
         FROM skill_feedback WHERE skill_id = s.id) AS positive_feedback_pct,
      (SELECT CAST(round(avg(estimated_cost_microcents)) AS INTEGER) FROM token_measurements WHERE skill_id = s.id) AS avg_token_cost_microcents
    FROM skills s ORDER BY s.id`
  const kept = `SELECT id, total_uses, total_ratings, average_rating, hours_saved, total_feedback, positive_feedback_pct,
    avg_token_cost_microcents FROM skills ORDER BY id`

  test('equal a recompute in the sample, and are NULL, not 0, where nothing is known', async () => {
    await savedSkill()
    await test_.api.spaces.openSample()
    expect(db.prepare(kept).all()).toEqual(db.prepare(recomputed).all())
    expect(
      db
        .prepare(
          "SELECT average_rating, hours_saved, positive_feedback_pct, avg_token_cost_microcents FROM skills WHERE slug = 'one'",
        )
        .get(),
    ).toEqual({
      average_rating: null,
      hours_saved: null,
      positive_feedback_pct: null,
      avg_token_cost_microcents: null,
    })
  })

  test('equal a recompute after any inserts, updates and deletes', async () => {
    const skills = [await savedSkill('one'), await savedSkill('two')]
    const { tenant_id, user_id } =
      db.prepare<[], { tenant_id: string; user_id: string }>('SELECT * FROM spaces').get() ?? {}
    const step = fc.record({
      table: fc.constantFrom('ratings', 'skill_feedback', 'token_measurements', 'usage_events'),
      kind: fc.constantFrom('insert', 'insert', 'update', 'delete'),
      skill: fc.constantFrom(0, 1),
      pick: fc.nat(20),
      stars: fc.integer({ min: 1, max: 5 }),
      hours: fc.option(fc.constantFrom(0, 0.5, 12, 1000)),
      type: fc.constantFrom('thumbs_up', 'thumbs_down', 'bug_report'),
      cost: fc.option(fc.nat(10_000_000)),
    })
    let n = 0
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), steps => {
        db.exec('BEGIN')
        try {
          for (const s of steps) {
            const skill = skills[s.skill]
            const rows = db.prepare<[], { id: string }>(`SELECT id FROM ${s.table} ORDER BY id`).all()
            const id = rows[s.pick % Math.max(1, rows.length)]?.id
            const values = {
              id: `r${n++}`,
              tenant: tenant_id,
              skill: skill?.id,
              version: skill?.version.id,
              user: user_id,
              stars: s.stars,
              hours: s.hours,
              type: s.type,
              cost: s.cost,
              other: `u${n}`,
            }
            if (s.kind === 'delete') db.prepare(`DELETE FROM ${s.table} WHERE id = ?`).run(id)
            else if (s.kind === 'update') db.prepare(UPDATES[s.table] ?? '').run({ ...values, id })
            else {
              if (s.table === 'ratings')
                db.prepare("INSERT INTO users VALUES (@other, @tenant, 'U', NULL, 'reader', 1)").run(values)
              db.prepare(INSERTS[s.table] ?? '').run(values)
            }
          }
          expect(db.prepare(kept).all()).toEqual(db.prepare(recomputed).all())
        } finally {
          db.exec('ROLLBACK')
        }
      }),
      { numRuns: 60 },
    )
  })
})

const INSERTS: Record<string, string> = {
  ratings: 'INSERT INTO ratings VALUES (@id, @tenant, @skill, @version, @other, @stars, NULL, @hours, 1, 1)',
  skill_feedback:
    'INSERT INTO skill_feedback (id, tenant_id, skill_id, user_id, feedback_type, created_at, updated_at) VALUES (@id, @tenant, @skill, @user, @type, 1, 1)',
  token_measurements:
    "INSERT INTO token_measurements (id, tenant_id, skill_id, model_name, model_provider, estimated_cost_microcents, created_at) VALUES (@id, @tenant, @skill, 'm', 'p', @cost, 1)",
  usage_events: "INSERT INTO usage_events VALUES (@id, @tenant, @skill, @version, @user, 'app', 1)",
}
const UPDATES: Record<string, string> = {
  ratings: 'UPDATE ratings SET rating = @stars, hours_saved_estimate = @hours WHERE id = @id',
  skill_feedback: 'UPDATE skill_feedback SET feedback_type = @type, skill_id = @skill WHERE id = @id',
  token_measurements:
    'UPDATE token_measurements SET estimated_cost_microcents = @cost, skill_id = @skill WHERE id = @id',
  usage_events: 'UPDATE usage_events SET skill_id = @skill WHERE id = @id',
}
