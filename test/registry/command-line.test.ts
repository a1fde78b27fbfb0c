import { spawn } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { acceptInvite } from '../../electron/registry/accept.ts'
import { connectionOf } from '../../electron/registry/connection.ts'
import { decodeInvite } from '../../electron/registry/invite.ts'
import { projectDir, temporaryFolder } from '../support/backend.ts'
import { noPostgres, startTestPostgres, type TestPostgres, withClient } from '../support/postgres.ts'

type Said = { code: number | null; out: string; err: string }

describe.skipIf(noPostgres !== undefined)(`registry on the command line${noPostgres ? `: ${noPostgres}` : ''}`, () => {
  let postgres: TestPostgres
  let url: string
  const root = temporaryFolder()
  const blobs = path.join(root, 'blobs')
  beforeAll(async () => {
    postgres = await startTestPostgres()
    url = (await postgres.createDatabase()).url
    fs.mkdirSync(blobs)
  })
  afterAll(async () => {
    await postgres.stop()
    fs.rmSync(root, { recursive: true })
  })

  function registry(args: string[], database: string | null = url): Promise<Said> {
    const { WHETSTONE_REGISTRY: _, ...clean } = process.env
    const env = {
      ...clean,
      // Each command is a process that compiles the same files.
      NODE_COMPILE_CACHE: path.join(root, 'compiled'),
      ...(database !== null && { WHETSTONE_REGISTRY: database }),
    }
    const child = spawn(process.execPath, ['electron/entry/registry.ts', ...args], { cwd: projectDir, env })
    const said: Said = { code: null, out: '', err: '' }
    child.stdout.on('data', chunk => {
      said.out += chunk
    })
    child.stderr.on('data', chunk => {
      said.err += chunk
    })
    return new Promise(resolve => child.once('close', code => resolve({ ...said, code })))
  }
  const accept = async (text: string) => {
    const read = decodeInvite(text)
    if (read.kind !== 'invite') throw new Error(read.reason)
    const connection = connectionOf(read.invite.database)
    if (connection.kind !== 'ok') throw new Error(connection.reason)
    return { invite: read.invite, accepted: await acceptInvite(connection.config) }
  }

  test('from an empty database to a team that is examined, exported and restored', async () => {
    const storage = ['--blobs', blobs]
    const made = await registry(['init', '--team-name', 'Écrivains & Co', '--admin', 'Ada', ...storage])
    expect(made).toMatchObject({ code: 0 })
    const { invite, accepted } = await accept(made.out)
    expect(invite).toMatchObject({
      role: 'admin',
      tenant: { name: 'Écrivains & Co' },
      storage: { kind: 'folder', path: blobs },
    })
    expect(accepted).toMatchObject({ kind: 'accepted', hello: { tenant_slug: 'ecrivains-co', role: 'admin' } })

    const again = await registry(['init', '--team-name', 'Écrivains & Co', '--admin', 'Mallory', '--json', ...storage])
    expect([again.code, JSON.parse(again.out)]).toMatchObject([0, { created: false, applied: [] }])
    expect(await registry(['migrate'])).toEqual({
      code: 0,
      out: 'The registry was up to date. Nothing was changed.\n',
      err: '',
    })
    const invited = await registry([
      'invite',
      'Ben',
      '--email',
      'ben@example.org',
      '--role',
      'reader',
      '--json',
      ...storage,
    ])
    expect(JSON.parse(invited.out)).toMatchObject({ name: 'Ben', role: 'reader' })
    const listed = await registry(['member', 'list', '--json'])
    expect(JSON.parse(listed.out).members).toMatchObject([
      { name: 'Ada', role: 'admin', state: 'active' },
      { name: 'Ben', role: 'reader', state: 'invited' },
    ])
    expect(await registry(['member', 'role', 'ben@example.org', 'author'])).toMatchObject({
      code: 0,
      out: 'Ben is author now.\n',
    })
    expect((await registry(['doctor', ...storage])).code).toBe(0)

    const rotated = await registry(['rotate', 'Ben', '--json', ...storage])
    expect((await accept(JSON.parse(invited.out).invite)).accepted.kind).toBe('denied')
    expect((await accept(JSON.parse(rotated.out).invited[0].invite)).accepted.kind).toBe('accepted')
    expect((await registry(['member', 'remove', 'Ben', ...storage])).code).toBe(0)
    expect((await registry(['member', 'remove', 'Ben', ...storage])).code).toBe(2)

    expect(await registry(['approval'])).toMatchObject({ code: 0, out: expect.stringContaining('without asking') })
    expect(await registry(['approval', 'on'])).toMatchObject({ code: 0, out: expect.stringContaining('has approved') })
    expect(JSON.parse((await registry(['approval', '--json'])).out)).toMatchObject({ needed: true })
    expect(JSON.parse((await registry(['log', '--json'])).out)).toMatchObject({ entries: [] })
    const left = path.join(blobs, 'blobs', 'sha256', 'zz', 'left-behind')
    fs.mkdirSync(path.dirname(left), { recursive: true })
    fs.writeFileSync(left, 'x')
    const report = await registry(['garbage', ...storage])
    expect(report).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^no blob +1 +blobs\/sha256\/zz\/left-behind$/m),
    })
    expect(report.err).toContain('Nothing was deleted')
    expect(fs.existsSync(left)).toBe(true)
    fs.rmSync(path.dirname(left), { recursive: true })

    const folder = path.join(root, 'export')
    expect((await registry(['export', folder, ...storage])).code).toBe(0)
    const other = await startTestPostgres()
    try {
      const { url: elsewhere } = await other.createDatabase()
      fs.mkdirSync(path.join(root, 'restored'))
      const restored = await registry(['restore', folder, '--json', '--blobs', path.join(root, 'restored')], elsewhere)
      expect([restored.code, JSON.parse(restored.out)]).toMatchObject([
        0,
        { users: [{ name: 'Ada' }, { name: 'Ben' }] },
      ])
      const back = await registry(['invite', '--user', 'Ada', '--json'], elsewhere)
      expect((await accept(JSON.parse(back.out).invite)).accepted).toMatchObject({
        kind: 'accepted',
        hello: { user_name: 'Ada', role: 'admin' },
      })
      expect((await registry(['restore', folder], elsewhere)).code).toBe(2)
    } finally {
      await other.stop()
    }
  })

  test('what cannot be done is one sentence and a code of its own', async () => {
    const cases: [string[], string | null, number, RegExp][] = [
      [['doctor'], null, 2, /WHETSTONE_REGISTRY/],
      [['doctor'], 'postgres://me@127.0.0.1:1/x', 3, /did not let us in/],
      [['doctor'], 'postgres://me:pw@db.example.com/x?sslmode=disable', 2, /verify-full/],
      [['member', 'role', 'Ada', 'king'], url, 2, /no role king/],
      [['member', 'remove', 'Nobody'], url, 2, /no member Nobody/],
      [['invite'], url, 2, /new member’s name or --user/],
      [['rotate'], url, 2, /member or --all/],
      [['garbage'], url, 2, /--r2 … or --blobs/],
      [['approval', 'maybe'], url, 2, /on or off/],
      [['log', '--limit', 'x'], url, 2, /number from 1/],
      [['invite', 'X', '--r2', 'https://x.example.com'], url, 2, /--bucket/],
      [['invite', 'X', '--team', 'nobodies'], url, 2, /no team nobodies/],
    ]
    const said = await Promise.all(cases.map(([args, database]) => registry(args, database)))
    for (const [n, [args, , code, words]] of cases.entries()) {
      expect([args.join(' '), said[n]?.code]).toEqual([args.join(' '), code])
      expect(said[n]?.err).toMatch(words)
      expect(said[n]?.out).toBe('')
      expect(said[n]?.err).not.toContain('    at ')
    }
  })

  test('doctor says 1 where a rule is broken, and what mends it', async () => {
    await withClient(url, owner => owner.query('ALTER TABLE whetstone.skills NO FORCE ROW LEVEL SECURITY'))
    const said = await registry(['doctor'])
    expect(said.code).toBe(1)
    expect(said.out).toMatch(
      /FAIL {2,}Row-level security holds for the tables’ owner as well\n\s+skills\n\s+→ ALTER TABLE/,
    )
  })
})
