import { expect, test } from 'vitest'
import { enqueue } from '../../electron/library/outbox.ts'
import { readAgain, updateSyncState } from '../../electron/library/sync-states.ts'
import { CAP_MS } from '../../electron/sync/policy.ts'
import { type Member, Office, twoWithOneSkill, versionOf } from './rounds-support.ts'

const OFFLINE = { kind: 'retry', code: 'ECONNREFUSED', message: 'connect ECONNREFUSED' }

test('a round with nothing to do is one round trip and writes nothing', async () => {
  const { ben } = await twoWithOneSkill()
  await ben.round()
  const before = ben.library.db.pragma('data_version', { simple: true })
  const changes = ben.library.find('SELECT total_changes() AS n')
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(ben.calls).toEqual(['pull'])
  expect(ben.library.find('SELECT total_changes() AS n')).toEqual(changes)
  expect(ben.library.db.pragma('data_version', { simple: true })).toBe(before)
})

test('sends parents before children, content before rows, and asks who it is once', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const skillId = await ben.newSkill('pdf-forms')
  const second = await ben.save(skillId, 'Second')
  await ben.app.api.versions.publish({ skillId, versionId: second, expected: null })
  await ben.app.api.ratings.rate({ versionId: second, rating: 5, comment: null, hoursSaved: 0 })
  expect(await ben.round()).toEqual({ kind: 'done' })
  const order = ben.calls.filter((call, at) => call !== ben.calls[at - 1])
  expect(order).toEqual(['hello', 'pull', 'pushSkills', 'put', 'pushVersions', 'publish', 'push ratings', 'pull'])
  expect(ben.queue()).toEqual([])
  expect(await ben.history(skillId)).toEqual([
    ['Second', 2],
    ['First', 1],
  ])
})

test('changes of one row go as one, and a change made while it is under way stays queued', async () => {
  const { ben, skillId } = await twoWithOneSkill()
  const versionId = await versionOf(ben, skillId)
  const rate = (rating: number) => ben.app.api.ratings.rate({ versionId, rating, comment: null, hoursSaved: null })
  await rate(1)
  await rate(2)
  await rate(3)
  let sent = 0
  let meanwhile: Promise<unknown> | undefined
  ben.fault = (call, args) => {
    if (call !== 'push ratings') return undefined
    sent += Array.isArray(args[0]) ? args[0].length : 0
    meanwhile ??= rate(4)
    return undefined
  }
  await ben.round()
  await meanwhile
  await ben.round()
  expect(sent).toBe(2)
  const rows = [...ben.office.registry.rowsOf(ben.tenantId, 'ratings').values()]
  expect(rows.map(row => row.rating)).toEqual([4])
  expect(ben.queue()).toEqual([])
})

test('an acknowledgement that was lost is told as identical, and nothing is there twice', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const skillId = await ben.newSkill('pdf-forms')
  const real = office.registry.remoteFor(ben.member.login)
  ben.fault = (call, args) => {
    if (call !== 'pushVersions') return undefined
    const rows = args[0]
    return Array.isArray(rows) ? real.pushVersions(rows).then(() => OFFLINE) : undefined
  }
  expect(await ben.round()).toMatchObject({ kind: 'failed' })
  expect(await ben.history(skillId)).toEqual([['First', null]])
  ben.fault = () => undefined
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(await ben.history(skillId)).toEqual([['First', 1]])
  expect(office.registry.rowsOf(ben.tenantId, 'skill_versions').size).toBe(1)
  expect(ben.queue()).toEqual([])
})

test('one change that is refused for ever is parked with its reason; the others of its skill wait, everything else goes', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  const bad = await ben.newSkill('too-long')
  const good = await ben.newSkill('fine')
  const badVersion = await versionOf(ben, bad)
  ben.library.run('UPDATE outbox SET entity_id = entity_id')
  ben.fault = (call, args) => {
    if (call !== 'pushVersions' || !Array.isArray(args[0])) return undefined
    const rows: { id: string; content_hash: string }[] = args[0]
    if (!rows.some(row => row.id === badVersion)) return undefined
    return office.registry
      .remoteFor(ben.member.login)
      .pushVersions(args[0].filter(row => row.id !== badVersion))
      .then(said => ({
        kind: 'answered',
        rows: [
          ...('rows' in said ? said.rows : []),
          { id: badVersion, state: 'refused', code: '23514', reason: 'violates check skill_versions_text_limit' },
        ],
      }))
  }
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(await ben.history(good)).toEqual([['First', 1]])
  expect(ben.queue()).toEqual([{ entity: 'version', operation: 'insert', parked_code: 'refused' }])
  await ben.save(bad, 'Second')
  await ben.round()
  expect(ben.queue().map(row => row.parked_code)).toEqual(['refused', null])
  expect(ben.engine.status().state).not.toBe('attention')
})

test('the store’s failure holds versions alone', async () => {
  const { ben, skillId } = await twoWithOneSkill()
  const versionId = await versionOf(ben, skillId)
  await ben.save(skillId, 'Second')
  await ben.app.api.ratings.rate({ versionId, rating: 5, comment: null, hoursSaved: null })
  ben.fault = call => (call === 'put' ? { kind: 'missing-bucket', message: 'There is no such bucket.' } : undefined)
  expect(await ben.round()).toMatchObject({ kind: 'failed', failed: { from: 'store' } })
  expect(ben.queue().map(row => row.entity)).toEqual(['version'])
  ben.fault = () => undefined
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(ben.queue()).toEqual([])
})

test('whoever became a reader meanwhile: ratings go, what a reader may not do is parked in words', async () => {
  const { office, ben, skillId } = await twoWithOneSkill()
  const dan = office.machine(office.member('Dan'))
  await dan.round()
  const versionId = await versionOf(ben, skillId)
  await dan.app.api.ratings.rate({ versionId, rating: 3, comment: null, hoursSaved: null })
  await dan.save(skillId, 'Mine')
  dan.fault = call => {
    if (call === 'pushVersions') office.registry.setRole(office.tenantId, dan.member.userId, 'reader')
    return undefined
  }
  expect(await dan.round()).toEqual({ kind: 'done' })
  expect(dan.queue()).toEqual([{ entity: 'version', operation: 'insert', parked_code: 'forbidden' }])
  expect(office.registry.rowsOf(ben.tenantId, 'ratings').size).toBe(1)
})

test('a row of another team is set aside without its content, and what came with it is taken', async () => {
  const { ben, office } = await twoWithOneSkill()
  const real = office.registry.remoteFor(ben.member.login)
  updateSyncState(ben.library, ben.tenantId, { since: 0, mark: null })
  ben.fault = (call, args) =>
    call === 'pull'
      ? real.pull({ since: 0, mark: null }, 2_000).then(said => {
          if (said.kind !== 'page') return said
          const changes = said.changes.map(change =>
            change.operation === 'put' && change.entity === 'skills'
              ? { ...change, row: { ...change.row, tenant_id: 'stranger', name: 'Stolen' } }
              : change,
          )
          return { ...said, changes, asked: args.length }
        })
      : undefined
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(ben.library.find("SELECT 1 FROM skills WHERE name = 'Stolen'")).toBeUndefined()
  expect(ben.library.all('SELECT entity, row, problem FROM invalid_rows')).toEqual([
    { entity: 'skills', row: '{}', problem: 'belongs to another team' },
  ])
  expect(ben.conflicts()).toEqual(['invalid'])
  expect(ben.log().join('\n')).toContain('belongs to another team')
})

test('an id of another space here is not overwritten by a team that sends it, and stops nothing else', async () => {
  const office = new Office()
  const ben = office.machine(office.member('Ben'))
  await ben.round()
  const other = new Office()
  const machine = other.machine(other.member('Eve'))
  const skillId = await machine.newSkill('stolen')
  await machine.round()
  // The same library holds both teams' rows.
  const row = other.registry.rowsOf(other.tenantId, 'skills').get(skillId)
  ben.library.run('INSERT INTO tenants (id, name, slug, created_at) VALUES (?, ?, ?, ?)', 'other', 'Other', 'other', 1)
  ben.library.run(
    'INSERT INTO users (id, tenant_id, name, role, created_at) VALUES (?, ?, ?, ?, ?)',
    'u',
    'other',
    'U',
    'author',
    1,
  )
  ben.library.run(
    'INSERT INTO skills (id, tenant_id, slug, name, author_id, created_at, updated_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
    skillId,
    'other',
    'mine',
    'Mine',
    'u',
    1,
    1,
  )
  const real = office.registry.remoteFor(ben.member.login)
  ben.fault = call =>
    call === 'pull'
      ? real.pull({ since: 0, mark: null }, 2_000).then(said =>
          said.kind === 'page'
            ? {
                ...said,
                changes: [
                  ...said.changes,
                  {
                    seq: said.head,
                    entity: 'skills',
                    operation: 'put',
                    id: skillId,
                    row: { ...row, tenant_id: ben.tenantId, author_id: ben.member.userId },
                  },
                ],
              }
            : said,
        )
      : undefined
  updateSyncState(ben.library, ben.tenantId, { since: 0, mark: null })
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(ben.library.find('SELECT name FROM skills WHERE id = ?', skillId)).toEqual({ name: 'Mine' })
  expect(ben.conflicts()).toEqual(['invalid'])
  // What is sent after it arrives as ever.
  const cleo = office.machine(office.member('Cleo'))
  await cleo.round()
  const later = await cleo.newSkill('later')
  await cleo.round()
  ben.fault = () => undefined
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(ben.library.find('SELECT slug FROM skills WHERE id = ?', later)).toEqual({ slug: 'later' })
})

test('a version that comes back different is named and not believed', async () => {
  const { ben, cleo, office, skillId } = await twoWithOneSkill()
  const versionId = await versionOf(cleo, skillId)
  const was = cleo.library.find('SELECT content_hash FROM skill_versions WHERE id = ?', versionId)
  const stored = office.registry.tenant(ben.tenantId).tables.skill_versions.get(versionId)
  if (!stored) throw new Error('no version')
  const row = { ...stored.row, content_hash: 'f'.repeat(64) }
  office.registry.tenant(ben.tenantId).tables.skill_versions.set(versionId, { ...stored, row })
  updateSyncState(cleo.library, cleo.tenantId, { since: 0, mark: null })
  expect(await cleo.round()).toEqual({ kind: 'done' })
  expect(cleo.conflicts()).toEqual(['rewritten'])
  expect(cleo.library.find('SELECT content_hash FROM skill_versions WHERE id = ?', versionId)).toEqual(was)
})

test.each(['new', 'same'] as const)(
  'a registry put back to an older state (%s epoch): what it lost is sent again by who made it, and nothing is deleted',
  async epoch => {
    const { office, ben, cleo, skillId } = await twoWithOneSkill()
    const backup = office.registry.snapshot(office.tenantId)
    const lost = await ben.save(skillId, 'Lost')
    await ben.app.api.versions.publish({ skillId, versionId: lost, expected: null })
    await ben.round()
    await cleo.round()
    await cleo.app.api.ratings.rate({ versionId: lost, rating: 5, comment: null, hoursSaved: null })
    const fresh = await cleo.newSkill('fresh')
    await cleo.round()
    await ben.round()
    office.registry.restore(office.tenantId, backup, epoch)
    // Somebody takes the number in between.
    const dan = office.machine(office.member('Dan'))
    await dan.round()
    await dan.save(skillId, 'In between')
    await dan.round()
    for (let i = 0; i < 3; i++) for (const machine of [ben, cleo, dan]) await machine.round()
    for (const machine of [ben, cleo, dan]) {
      expect(await machine.history(skillId)).toEqual([
        ['Lost', 3],
        ['In between', 2],
        ['First', 1],
      ])
      expect(await machine.history(fresh)).toEqual([['First', 1]])
      expect(await machine.app.api.ratings.list({ skillId })).toMatchObject([{ rating: 5, versionId: lost }])
      expect((await machine.app.api.skills.get({ id: skillId })).published?.id).toBe(lost)
      expect(machine.queue()).toEqual([])
    }
    expect(ben.log().join('\n')).toContain('v2 became v3')
    expect(ben.conflicts()).toContain('rolledBack')
  },
)

test('a newer registry makes the team read-only here: what others do arrives, ours waits', async () => {
  const { office, ben, cleo, skillId } = await twoWithOneSkill()
  await cleo.save(skillId, 'Second')
  await cleo.round()
  await ben.save(skillId, 'Mine')
  // Ben's app was made for the schema before.
  ben.fault = call =>
    call === 'hello'
      ? office.registry
          .remoteFor(ben.member.login)
          .hello()
          .then(said =>
            'hello' in said && said.hello ? { ...said, hello: { ...said.hello, schema_version: 9_999 } } : said,
          )
      : undefined
  await ben.engine.round('now')
  expect(await ben.history(skillId)).toContainEqual(['Second', 2])
  expect(ben.queue().map(row => row.entity)).toEqual(['version'])
  expect(ben.engine.status().problem).toMatchObject({ code: 'newer' })
})

test('what was not touched here stays as others set it: tags there, category here', async () => {
  const { ben, cleo, skillId } = await twoWithOneSkill()
  await cleo.app.api.skills.describe({ id: skillId, category: null, tags: ['theirs'] })
  // Only the category was changed here; the queue says so.
  ben.library.write(() => {
    ben.library.run("UPDATE skills SET category = 'forms' WHERE id = ?", skillId)
    enqueue(ben.library, {
      tenantId: ben.tenantId,
      skillId,
      entity: 'skill',
      entityId: skillId,
      operation: 'update',
      payload: { category: 'forms' },
      now: 1,
    })
  })
  let behind = true
  ben.fault = call => {
    // Between Ben's pull and push.
    if (call === 'pushSkills' && behind) {
      behind = false
      return cleo
        .round()
        .then(() => ({ kind: 'answered', rows: [{ id: skillId, state: 'conflict', seq: 0, other_id: null }] }))
    }
    return undefined
  }
  expect(await ben.round()).toEqual({ kind: 'done' })
  await cleo.round()
  for (const machine of [ben, cleo])
    expect(await machine.app.api.skills.get({ id: skillId })).toMatchObject({ category: 'forms', tags: ['theirs'] })
})

test('deleted there and edited here: kept, set aside, and asked about', async () => {
  const office = new Office()
  const member: Member = office.member('Ben')
  const ben = office.machine(member)
  const again = office.machine(member)
  const { id } = await ben.app.api.skills.create({ tenantId: ben.tenantId, slug: 'short-lived', description: '' })
  await ben.round()
  await again.round()
  ben.library.write(() => {
    enqueue(ben.library, {
      tenantId: ben.tenantId,
      skillId: id,
      entity: 'skill',
      entityId: id,
      operation: 'delete',
      now: 1,
    })
    ben.library.run('DELETE FROM skills WHERE id = ?', id)
  })
  await ben.round()
  await again.saveFirst(id, 'Edited')
  expect(await again.round()).toEqual({ kind: 'done' })
  expect(again.conflicts()).toEqual(['deleted'])
  expect(await again.history(id)).toEqual([['Edited', null]])
  expect(again.queue().map(row => row.parked_code)).toEqual(['deleted'])
  expect(office.registry.rowsOf(ben.tenantId, 'skills').size).toBe(0)
})

test('a start on the heels of a stop goes on at once; nothing that was under way is stored', async () => {
  const { ben, cleo, skillId } = await twoWithOneSkill()
  await cleo.save(skillId, 'Second')
  await cleo.round()
  const held = Promise.withResolvers<undefined>()
  ben.fault = call => (call === 'pull' ? held.promise.then(() => OFFLINE) : undefined)
  ben.engine.start()
  await settled()
  const stopped = ben.engine.stop()
  ben.fault = () => undefined
  ben.engine.start()
  held.resolve(undefined)
  await stopped
  await settled()
  expect(ben.engine.status().state).toBe('synced')
  expect(await ben.history(skillId)).toContainEqual(['Second', 2])
  await ben.engine.stop()
  expect(ben.engine.status().state).toBe('paused')
  expect(ben.timers.size).toBe(0)
})

test('refused logins are asked about once, nothing is dropped, and a clock set back stalls nothing', async () => {
  const { office, ben, skillId } = await twoWithOneSkill()
  await ben.save(skillId, 'Second')
  ben.fault = () => ({ kind: 'denied', code: '28P01', message: 'password authentication failed' })
  ben.engine.start()
  await ben.engine.round()
  await settled()
  expect(ben.engine.status()).toMatchObject({ state: 'attention', problem: { code: 'denied' } })
  const asked = ben.calls.length
  ben.engine.wake('queued')
  ben.engine.wake('heard')
  await settled()
  expect(ben.calls.length).toBe(asked)
  expect(ben.queue().map(row => row.entity)).toEqual(['version'])
  ben.fault = () => undefined
  ben.clockError = -365 * 86_400_000
  ben.engine.wake('now')
  await settled()
  expect(ben.engine.status().state).toBe('synced')
  expect(await ben.history(skillId)).toContainEqual(['Second', 2])
  await ben.engine.stop()
  void office
})

test('without a connection it waits longer each time, up to a cap, and goes on when it is told that there is one', async () => {
  const { ben } = await twoWithOneSkill()
  ben.fault = () => OFFLINE
  ben.engine.start()
  const waits: number[] = []
  for (let i = 0; i < 12; i++) {
    await settled()
    const [timer] = ben.timers
    if (!timer || ben.timers.size !== 1) throw new Error(`there are ${ben.timers.size} timers`)
    waits.push(timer.ms)
    ben.timers.delete(timer)
    timer.callback()
  }
  expect(waits[0]).toBeLessThanOrEqual(1_000)
  expect(waits.every((wait, at) => at === 0 || wait >= (waits[at - 1] ?? 0))).toBe(true)
  expect(waits.at(-1)).toBe(CAP_MS / 2)
  await settled()
  expect(ben.engine.status()).toMatchObject({ state: 'offline' })
  ben.fault = () => undefined
  ben.engine.wake('heard')
  await settled()
  expect(ben.engine.status()).toMatchObject({ state: 'synced', problem: null })
  await ben.engine.stop()
})

/** Until no promise is left that could go on by itself. */
const settled = async (): Promise<void> => {
  for (let i = 0; i < 50; i++) await new Promise<void>(resolve => setImmediate(resolve))
}

test('what is to be read again is, although a page is on its way', async () => {
  const { office, ben, cleo, skillId } = await twoWithOneSkill()
  const other = await ben.newSkill('other')
  await ben.round()
  await cleo.save(skillId, 'Second')
  await cleo.round()
  // As one that was changed here and let go.
  ben.library.run("UPDATE skills SET category = 'changed here' WHERE id = ?", other)
  let asked = false
  ben.fault = call => {
    if (call === 'pull' && !asked) readAgain(ben.library, office.tenantId)
    asked ||= call === 'pull'
    return undefined
  }
  expect(await ben.round()).toEqual({ kind: 'done' })
  expect(await ben.history(skillId)).toContainEqual(['Second', 2])
  expect(ben.library.get('SELECT category FROM skills WHERE id = ?', other)).toEqual({ category: null })
})
