import fs from 'node:fs'
import path from 'node:path'
import { safe } from '@orpc/server'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type RegistryProblem, registryProblem } from '../../shared/contract/registries.ts'
import { newSkill } from '../../test/registry/registry.ts'
import { registryBefore } from '../../test/registry/registry-before.ts'
import { temporaryFolder, testBackend } from '../../test/support/backend.ts'
import { noPostgres, startTestPostgres, type TestPostgres, withClient } from '../../test/support/postgres.ts'
import { testR2 } from '../../test/support/r2.ts'
import { acceptInvite } from '../registry/accept.ts'
import { connectionOf } from '../registry/connection.ts'
import { exportTenant } from '../registry/export.ts'
import { decodeInvite } from '../registry/invite.ts'
import { pushSkills } from '../registry/postgres.ts'

/** The last value of a stream: its result. */
async function resultOf<Step, Result>(stream: AsyncIterator<Step, Result>): Promise<{ steps: Step[]; result: Result }> {
  const steps: Step[] = []
  for (;;) {
    const next = await stream.next()
    if (next.done === true) return { steps, result: next.value }
    steps.push(next.value)
  }
}

async function problemOf(call: Promise<unknown>): Promise<RegistryProblem> {
  const { error } = await safe(call)
  if (error instanceof Error && 'data' in error && 'code' in error && error.code === 'REGISTRY') {
    return registryProblem.parse(error.data)
  }
  throw new Error(`It did not fail as a registry does: ${String(error)}`)
}

async function accept(text: string) {
  const read = decodeInvite(text)
  if (read.kind !== 'invite') throw new Error(read.reason)
  const connection = connectionOf(read.invite.database)
  if (connection.kind !== 'ok') throw new Error(connection.reason)
  return { invite: read.invite, accepted: await acceptInvite(connection.config) }
}

describe('without a server', () => {
  const look = async (database: string) => {
    await using test = await testBackend()
    return problemOf(test.api.registries.look({ database, storage: null }))
  }

  test('what cannot be reached is said in plain words', async () => {
    const cases: [string, RegistryProblem['code'], RegExp][] = [
      ['not an address', 'address', /starts with postgres:\/\//],
      ['postgres://me:pw@db.example.com/x?sslmode=disable', 'address', /verify-full/],
      ['postgres://me:pw@nowhere.invalid/x', 'unreachable', /no computer of the name nowhere\.invalid/],
      ['postgres://me:pw@127.0.0.1:1/x', 'unreachable', /no database listens at port 1/],
    ]
    for (const [database, code, words] of cases) {
      const problem = await look(database)
      expect([database, problem.code]).toEqual([database, code])
      expect(problem.happened).toMatch(words)
      expect(problem.happened).not.toContain('pw')
      expect([problem.kept, problem.todo].every(Boolean)).toBe(true)
    }
  })

  test('a registry that is not kept here is not found', async () => {
    await using test = await testBackend()
    expect((await safe(test.api.registries.members({ id: 'nobody' }))).error).toMatchObject({ code: 'NOT_FOUND' })
    expect(await test.api.registries.stop({ ticket: 'none' })).toEqual({ stopped: false })
  })
})

describe.skipIf(noPostgres !== undefined)(`against a real Postgres${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let postgres: TestPostgres
  const root = temporaryFolder()
  beforeAll(async () => {
    postgres = await startTestPostgres()
  })
  afterAll(async () => {
    await postgres.stop()
    fs.rmSync(root, { recursive: true })
  })

  const folder = (name: string) => {
    const made = path.join(root, name)
    fs.mkdirSync(made, { recursive: true })
    return made
  }
  const makeTeam = async (test: Awaited<ReturnType<typeof testBackend>>, remember: boolean, name: string) => {
    const { url } = await postgres.createDatabase()
    const access = { database: url, storage: { kind: 'folder', path: folder(name) } } as const
    const admin = { name: 'Ada', email: null }
    const made = await resultOf(
      await test.api.registries.init({ access, team: 'Écrivains & Co', admin, remember, besideOthers: false }),
    )
    return { url, access, ...made }
  }

  test('from an empty database to a team with members, rules, an export and a restore', async () => {
    await using here = await testBackend()
    const { registries } = here.api
    const { url, access, steps, result } = await makeTeam(here, false, 'blobs')
    expect(steps.at(-1)).toEqual({ step: 'invite' })
    expect(result.registry).toMatchObject({ team: 'Écrivains & Co', login: 'session', demo: false })
    const { accepted, invite } = await accept(result.invited.invite)
    expect(accepted).toMatchObject({ kind: 'accepted', hello: { role: 'admin', tenant_slug: 'ecrivains-co' } })
    // Its mark goes along, so that another folder at the same path is not taken for it.
    expect(invite.storage).toMatchObject({ kind: 'folder', id: expect.any(String) })
    const { id } = result.registry

    expect(await registries.look(access)).toMatchObject({
      holds: 'registry',
      teams: [{ slug: 'ecrivains-co', members: 1 }],
    })
    const ben = await registries.invite({ id, name: 'Ben', email: '', role: 'reader', days: 3 })
    await registries.setRole({ id, userId: ben.userId, role: 'author' })
    expect(await registries.members({ id })).toMatchObject({
      publishNeedsApproval: false,
      members: [
        { name: 'Ada', state: 'active', role: 'admin', expiresAt: null },
        { name: 'Ben', state: 'invited', role: 'author', email: null, expiresAt: ben.expiresAt },
      ],
    })
    await registries.setApproval({ id, needed: true })
    expect((await registries.members({ id })).publishNeedsApproval).toBe(true)
    const { accepted: asBen } = await accept(ben.invite)
    expect(asBen).toMatchObject({ kind: 'accepted', hello: { publish_needs_approval: 1 } })

    const { findings } = await registries.doctor({ id })
    expect(findings.filter(one => one.state === 'fail')).toEqual([])
    await withClient(url, owner => owner.query('ALTER TABLE whetstone.skills NO FORCE ROW LEVEL SECURITY'))
    const broken = (await registries.doctor({ id })).findings.filter(one => one.state === 'fail')
    expect(broken).toContainEqual(
      expect.objectContaining({ found: ['skills'], mend: expect.stringContaining('ALTER TABLE') }),
    )
    await withClient(url, owner => owner.query('ALTER TABLE whetstone.skills FORCE ROW LEVEL SECURITY'))

    const rotated = await registries.rotate({ id, userId: ben.userId, days: 7 })
    expect(rotated).toMatchObject([{ name: 'Ben' }])
    expect((await registries.remove({ id, userId: ben.userId })).leftBehind).toEqual([])
    expect((await accept(rotated[0]?.invite ?? '')).accepted.kind).toBe('denied')
    expect((await problemOf(registries.remove({ id, userId: ben.userId }))).happened).toMatch(/Ben has no login/)
    const again = await registries.inviteAgain({ id, userId: ben.userId, days: 7 })
    expect([again.userId, again.role]).toEqual([ben.userId, 'author'])

    const out = path.join(root, 'export')
    const exported = await resultOf(await registries.export({ id, folder: out, ticket: 't' }))
    expect(exported.result).toEqual({ folder: out, skills: 0, versions: 0, blobs: 0, missing: [] })
    expect((await problemOf(resultOf(await registries.export({ id, folder: out, ticket: 't' })))).happened).toMatch(
      /is not empty/,
    )

    const other = await startTestPostgres()
    try {
      const elsewhere = { database: (await other.createDatabase()).url, storage: null }
      const restore = { access: elsewhere, folder: out, remember: false, ticket: 'r' }
      const restored = await resultOf(await registries.restore(restore))
      expect(restored.result).toMatchObject({
        users: 2,
        registry: { storage: null, tenantId: result.registry.tenantId },
      })
      expect((await problemOf(resultOf(await registries.restore(restore)))).happened).toMatch(/holds the team/)
    } finally {
      await other.stop()
    }
  })

  test('a stopped export takes away what it wrote', async () => {
    await using here = await testBackend()
    const { result } = await makeTeam(here, false, 'stopped')
    const out = path.join(root, 'stopped-export')
    const stream = await here.api.registries.export({ id: result.registry.id, folder: out, ticket: 't' })
    expect(await here.api.registries.stop({ ticket: 't' })).toEqual({ stopped: false })
    // Begins with the first step asked for.
    const ended = problemOf(resultOf(stream))
    await expect.poll(() => here.api.registries.stop({ ticket: 't' })).toEqual({ stopped: true })
    expect((await ended).code).toBe('stopped')
    expect(fs.existsSync(out)).toBe(false)
  })

  test('the owner’s login is remembered where that is wanted, and nowhere else', async () => {
    await using here = await testBackend()
    const { url, result } = await makeTeam(here, true, 'remembered')
    expect(result.registry.login).toBe('file')
    const again = await here.restart()
    const [registry] = await again.api.registries.list()
    expect(registry).toMatchObject({ login: 'file', team: 'Écrivains & Co' })
    expect((await again.api.registries.members({ id: result.registry.id })).members).toHaveLength(1)
    await again.api.registries.forget({ id: result.registry.id })
    expect(await again.api.registries.list()).toEqual([])
    expect(fs.readFileSync(path.join(here.dataDir, 'secrets.json'), 'utf8')).not.toContain(new URL(url).password)
    await again.backend.close()
  })

  test('not remembered, it is asked for after a restart, and no file of the data folder but secrets.json holds anything secret, nor does the log', async () => {
    await using here = await testBackend()
    const { url, access, result } = await makeTeam(here, false, 'session')
    const invited = await here.api.registries.invite({
      id: result.registry.id,
      name: 'Ben',
      email: null,
      role: 'author',
      days: 7,
    })
    await problemOf(here.api.registries.look({ ...access, database: url.replace(/\/[^/]*$/, '/nowhere') }))
    const again = await here.restart()
    expect(await again.api.registries.list()).toMatchObject([{ login: 'needed' }])
    const { tenantId, id } = result.registry
    expect((await problemOf(again.api.registries.members({ id }))).code).toBe('unknown')
    expect((await again.api.registries.open({ access, tenantId, remember: true })).id).toBe(id)
    expect((await again.api.registries.members({ id })).members).toHaveLength(2)
    await again.backend.close()

    const { password } = new URL(url)
    const login = new URL(decodedDatabase(invited.invite)).password
    for (const secret of [password, login, invited.invite]) {
      expect(secret.length).toBeGreaterThan(10)
      for (const file of filesBelow(here.dataDir).filter(name => !name.endsWith('secrets.json')))
        expect([file, fs.readFileSync(file).includes(secret)]).toEqual([file, false])
      expect([...here.log, ...again.log].join('\n')).not.toContain(secret)
    }
    // The search finds what is there: the owner's login was to be remembered in the end.
    expect(fs.readFileSync(path.join(here.dataDir, 'secrets.json'), 'utf8')).toContain(password)
  })

  test('a wrong password, another database, a login without rights and another program’s tables are told apart', async () => {
    await using here = await testBackend()
    const { url, name } = await postgres.createDatabase()
    const changed = (change: Partial<Record<'username' | 'password' | 'pathname' | 'search', string>>) => ({
      database: Object.assign(new URL(url), change).href,
      storage: null,
    })
    const { registries } = here.api
    const wrong = await problemOf(registries.look(changed({ password: 'wrong' })))
    expect([wrong.code, wrong.happened]).toEqual(['password', expect.not.stringContaining('wrong')])
    expect((await problemOf(registries.look(changed({ pathname: '/nowhere' })))).code).toBe('database')
    expect((await problemOf(registries.look(changed({ search: 'sslmode=require' })))).code).toBe('tls')

    await withClient(url, owner =>
      owner.query(`CREATE ROLE plain_${name} LOGIN PASSWORD 'plain'; CREATE TABLE public.orders (id int)`),
    )
    const plain = changed({ username: `plain_${name}`, password: 'plain' })
    expect(await registries.look(plain)).toMatchObject({
      holds: 'others',
      others: ['public.orders'],
      unsuited: expect.stringContaining('CREATEROLE'),
    })
    const making = { team: 'T', admin: { name: 'A', email: null }, remember: false, besideOthers: false }
    const occupied = await problemOf(
      resultOf(await registries.init({ ...making, access: { database: url, storage: null } })),
    )
    expect([occupied.code, occupied.happened]).toEqual(['occupied', expect.stringContaining('public.orders')])
    const allowed = { ...making, access: { database: url, storage: null }, besideOthers: true }
    expect((await resultOf(await registries.init(allowed))).result.registry.team).toBe('T')
    expect((await problemOf(resultOf(await registries.init(allowed)))).code).toBe('occupied')
    const bad = { kind: 'folder', path: path.join(root, 'missing') } as const
    const access = { database: url, storage: bad }
    expect((await registries.look(access)).storage).toMatchObject([{ state: 'fail' }])
    expect((await problemOf(resultOf(await registries.init({ ...allowed, team: 'U', access })))).code).toBe('storage')
  })

  test('a bucket is tried before anything is made, and a new key of it goes into new invites', async () => {
    await using here = await testBackend()
    await using r2 = await testR2()
    const { registries } = here.api
    const [settings] = r2.settings
    if (!settings) throw new Error('The simulator has a bucket.')
    const { endpoint, bucket, accessKeyId, secretAccessKey } = settings
    const storage = { kind: 'r2', endpoint, bucket, accessKeyId, secretAccessKey } as const
    const { url } = await postgres.createDatabase()
    const making = { team: 'T', admin: { name: 'A', email: null }, remember: true, besideOthers: false }
    const wrong = { database: url, storage: { ...storage, secretAccessKey: 'wrong'.repeat(8) } }
    expect((await registries.look(wrong)).storage).toMatchObject([{ state: 'fail' }])
    const refused = await problemOf(resultOf(await registries.init({ ...making, access: wrong })))
    expect([refused.code, refused.happened]).toEqual(['storage', expect.not.stringContaining('wrongwrong')])
    expect((await registries.look({ database: url, storage })).holds).toBe('empty')

    const made = await resultOf(await registries.init({ ...making, access: { database: url, storage } }))
    const { id } = made.result.registry
    expect(made.result.registry.storage).toBe(`bucket ${bucket} at ${new URL(endpoint).host}`)
    const key = { accessKeyId, secretAccessKey: 'no such secret'.repeat(4) }
    expect((await problemOf(registries.rotate({ id, userId: null, days: 7, key }))).code).toBe('storage')
    const rotated = await registries.rotate({ id, userId: null, days: 7, key: { accessKeyId, secretAccessKey } })
    expect((await accept(rotated[0]?.invite ?? '')).invite.storage).toMatchObject(storage)
    expect((await accept(made.result.invited.invite)).accepted.kind).toBe('denied')
    expect(await registries.list()).toMatchObject([{ id, login: 'file' }])
  })

  test('rows that a newer version of the schema or a restore puts right are named', async () => {
    await using here = await testBackend()
    const { registries } = here.api
    const { tenantId, db, owner, eve } = await registryBefore(postgres)
    const author = await db.as(eve)
    const skills = [newSkill({ slug: '../../.ssh' }), newSkill({ id: '__proto__' })]
    await pushSkills(author, skills)
    const out = folder('poisoned')
    fs.rmdirSync(out)
    await exportTenant(owner, { tenantId, folder: out, store: null, now: 1 })

    const storage = { kind: 'folder', path: folder('older') } as const
    const making = { team: 'Other', admin: { name: 'A', email: null }, remember: false, besideOthers: false }
    const made = await resultOf(await registries.init({ ...making, access: { database: db.ownerUrl, storage } }))
    const corrected = `team: skills ${skills[0]?.id}: slug must be a plain folder name, and was “../../.ssh”. Another value was put in its place.`
    expect(made.result.mended).toEqual(expect.arrayContaining([corrected, expect.stringContaining('__proto__')]))

    const access = {
      database: (await postgres.createDatabase()).url,
      storage: { kind: 'folder', path: folder('anew') },
    } as const
    const restored = await resultOf(await registries.restore({ access, folder: out, remember: false, ticket: 'm' }))
    expect(restored.result.told).toEqual([
      expect.stringMatching(/^Not restored: skills __proto__: id must be/),
      corrected,
    ])
    await db.close()
  })

  test('a newer registry and an older one are told apart before anything is changed', async () => {
    await using here = await testBackend()
    const { url, access, result } = await makeTeam(here, false, 'skew')
    const holds = async () => (await here.api.registries.look(access)).holds
    await withClient(url, owner =>
      owner.query('DELETE FROM whetstone.migrations WHERE id = (SELECT max(id) FROM whetstone.migrations)'),
    )
    expect(await holds()).toBe('older')
    await withClient(url, owner => owner.query("INSERT INTO whetstone.migrations VALUES (99990, '9999_x.sql', 'x', 1)"))
    expect(await holds()).toBe('newer')
    const making = { team: 'T', admin: { name: 'A', email: null }, remember: false, besideOthers: false, access }
    expect((await problemOf(resultOf(await here.api.registries.init(making)))).code).toBe('newer')
    expect(result.registry.id).not.toBe('')
  })
})

function decodedDatabase(text: string): string {
  const read = decodeInvite(text)
  if (read.kind !== 'invite') throw new Error(read.reason)
  return read.invite.database
}

const filesBelow = (folder: string): string[] =>
  fs
    .readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter(entry => entry.isFile())
    .map(entry => path.join(entry.parentPath, entry.name))
