import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { unzipSync } from 'fflate'
import { v7 } from 'uuid'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { exportCases } from '../electron/command-line/cases.ts'
import { exportSkill } from '../electron/command-line/export.ts'
import type { CommandLine } from '../electron/command-line/shared.ts'
import { sha256 } from '../electron/library/blobs.ts'
import { checkPath } from '../shared/domain/bundle.ts'
import { folderNameOf } from '../shared/domain/folder-name.ts'
import { type Field, field } from './benchmark/field.ts'
import { temporaryFolder } from './support/backend.ts'
import { CONFIGURING, HOSTILE_PATHS, HOSTILE_SLUGS } from './support/hostile-names.ts'

/**
 * Every way out of the library × every hostile name, in rows as a registry without any rule would have sent them: nothing
 * is written outside of the place that was named, nothing under a refused name, and a sentence says so.
 */

const FORMS = ['skill-creator', 'promptfoo', 'csv'] as const
let sandbox = ''
let home = ''
let at: Field
beforeEach(async () => {
  sandbox = temporaryFolder()
  home = path.join(sandbox, 'home', 'ada')
  fs.mkdirSync(path.join(home, '.ssh'), { recursive: true })
  fs.writeFileSync(path.join(home, '.ssh', 'authorized_keys'), 'ada’s key')
  at = await field(() => ({ text: 'x' }))
})
afterEach(async () => {
  await at[Symbol.asyncDispose]()
  fs.rmSync(sandbox, { recursive: true, force: true })
})

/** Behind the backend's back. Checks of the library itself are off: they are not what is tried here. */
function poison<T>(work: (db: Database.Database) => T): T {
  const db = new Database(path.join(at.dataDir, 'library.db'))
  try {
    db.pragma('ignore_check_constraints = ON')
    return work(db)
  } finally {
    db.close()
  }
}

/** Bytes as content of the library. */
function content(text: string): { sha256: string; size: number } {
  const bytes = Buffer.from(text)
  const name = sha256(bytes)
  poison(db =>
    db.prepare('INSERT OR IGNORE INTO blobs (sha256, size, bytes) VALUES (?, ?, ?)').run(name, bytes.byteLength, bytes),
  )
  return { sha256: name, size: bytes.byteLength }
}

/** A version of the skill with this manifest, whatever it says. */
function version(number: number, manifest: unknown): string {
  const { sha256: hash } = content(JSON.stringify(manifest))
  const id = v7()
  poison(db =>
    db
      .prepare(
        `INSERT INTO skill_versions (id, tenant_id, skill_id, version, content_url, content_hash, content_type, name, description,
           message, created_by, created_at)
         SELECT ?, tenant_id, id, ?, 'x', ?, 'x', 'brief', 'x', 'x', author_id, 1 FROM skills WHERE id = ?`,
      )
      .run(id, number, hash, at.skillId),
  )
  return id
}

const entry = (name: string, text: string) => ({ path: name, ...content(text), executable: false })
const everything = (folder: string) => fs.readdirSync(folder, { recursive: true, encoding: 'utf8' }).sort()
const namesIn = (base64: string): string[] => Object.keys(unzipSync(Buffer.from(base64, 'base64')))
const failure = (work: Promise<unknown>) =>
  work.then(
    () => 'nothing was said',
    (error: unknown) => (error instanceof Error ? error.message : String(error)),
  )

test('slugs: exports, archives and cases stay in the folder that was named', async () => {
  const of = { kind: 'version' as const, id: await at.save('# Body', { files: { authorized_keys: 'ben’s key' } }) }
  at.addCases([{ prompt: 'Question?' }])
  const file = entry('data.csv', 'a,b')
  poison(db => db.prepare('UPDATE benchmark_cases SET files = ?').run(JSON.stringify([file])))
  const parent = path.join(home, 'skills')
  fs.mkdirSync(parent)
  const before = everything(sandbox).filter(name => !name.startsWith('home/ada/skills/'))
  for (const slug of HOSTILE_SLUGS) {
    poison(db => db.prepare('UPDATE skills SET slug = ? WHERE id = ?').run(slug, at.skillId))
    const name = folderNameOf(slug)
    for (const overwrite of [true, true])
      expect(await at.api.exports.toFolder({ of, parent, overwrite }), slug).toMatchObject({
        path: path.join(parent, name),
      })
    expect(fs.readdirSync(parent), slug).toEqual([name])
    const archive = await at.api.exports.toArchive({ of })
    expect(archive.name, slug).toBe(`${name}.skill`)
    expect(namesIn(archive.base64).sort(), slug).toEqual([`${name}/SKILL.md`, `${name}/authorized_keys`])
    const joined = await at.api.exports.toOneArchive({ of: [of] })
    expect(namesIn(joined.base64).sort(), slug).toEqual([`${name}/SKILL.md`, `${name}/authorized_keys`])
    const cases = await at.api.cases.export({ skillId: at.skillId, form: 'skill-creator' })
    expect(cases.name, slug).toBe(`${name}-cases.zip`)
    fs.rmSync(path.join(parent, name), { recursive: true })
  }
  expect(everything(sandbox)).toEqual(before)
  expect(fs.readFileSync(path.join(home, '.ssh', 'authorized_keys'), 'utf8')).toBe('ada’s key')
})

test('the command line writes below the folder it was given, too', async () => {
  await at.save('# Body')
  at.addCases([{ prompt: 'Question?' }])
  poison(db => db.prepare('UPDATE benchmark_cases SET files = ?').run(JSON.stringify([entry('data.csv', 'a,b')])))
  const printed: string[] = []
  const line: CommandLine = {
    api: at.api,
    tenantId: at.tenantId,
    json: false,
    cwd: home,
    print: text => printed.push(text),
    content: text => printed.push(text),
    remark: () => {},
    signal: new AbortController().signal,
  }
  const before = everything(sandbox)
  // A slug with an @ or one that is longer than a name may be cannot be said on the command line at all.
  for (const slug of ['../../x', '..', 'a/b', '.ssh', '/x', 'con', 'a\u202eb']) {
    poison(db => db.prepare('UPDATE skills SET slug = ? WHERE id = ?').run(slug, at.skillId))
    await exportSkill(line, slug, 'out', { zip: true, force: true })
    await exportSkill(line, slug, 'out', { zip: false, force: true })
    await exportCases(line, slug, 'out', { form: 'csv', force: true })
    const name = folderNameOf(slug)
    expect(fs.readdirSync(path.join(home, 'out')).sort(), slug).toEqual(
      [name, `${name}-cases.zip`, `${name}.skill`].sort(),
    )
    fs.rmSync(path.join(home, 'out'), { recursive: true })
  }
  expect(everything(sandbox)).toEqual(before)
})

test('paths of a bundle: nothing is written, packed or given to an agent, and which one it is is said', async () => {
  await at.save('# Body')
  at.addCases([{ prompt: 'Question?' }])
  const { id: commandId, text } = await command('')
  at.backend.allowProgram(text)
  const parent = path.join(home, 'skills')
  fs.mkdirSync(parent)
  const before = everything(sandbox)
  for (const [n, name] of HOSTILE_PATHS.entries()) {
    const id = version(100 + n, [entry('SKILL.md', '# Hostile'), entry(name, 'program')])
    const of = { kind: 'version' as const, id }
    const words = checkPath(name)?.message ?? 'never'
    expect(await failure(at.api.exports.toFolder({ of, parent })), name).toBe(`${words} Nothing was written.`)
    expect(await failure(at.api.exports.toFolder({ of, parent, overwrite: true })), name).toContain(words)
    expect(await failure(at.api.exports.toArchive({ of })), name).toContain(words)
    const joined = await at.api.exports.toOneArchive({ of: [of] })
    expect(joined, name).toMatchObject({ base64: '', skills: 0, left: [{ reason: expect.stringContaining(words) }] })
    const over = { subjects: [of], contestants: [{ kind: 'command' as const, commandId }] }
    await expect(at.api.benchmarks.plan(at.input(over)), name).rejects.toMatchObject({
      code: 'PLAN_IMPOSSIBLE',
      data: { reasons: [expect.stringContaining(words)] },
    })
  }
  expect(everything(sandbox)).toEqual(before)
})

test('rows of a manifest that are none: the content counts as damaged, and nothing else suffers', async () => {
  const good = await at.save('# Body')
  const skillMd = entry('SKILL.md', '# Hostile')
  const broken: unknown[] = [
    null,
    {},
    'x',
    [null],
    [{ ...skillMd, size: -1 }],
    [{ ...skillMd, size: 0.5 }],
    [{ ...skillMd, size: 2 ** 60 }],
    [{ ...skillMd, sha256: '../../x' }],
    [{ ...skillMd, sha256: skillMd.sha256.toUpperCase() }],
    [{ ...skillMd, path: 5 }],
    [{ ...skillMd, executable: 'yes' }],
  ]
  const parent = path.join(home, 'skills')
  for (const [n, manifest] of broken.entries()) {
    const of = { kind: 'version' as const, id: version(100 + n, manifest) }
    await expect(at.api.exports.toFolder({ of, parent }), JSON.stringify(manifest)).rejects.toMatchObject({
      code: 'CONTENT_DAMAGED',
    })
  }
  expect(await at.api.exports.toFolder({ of: { kind: 'version', id: good }, parent })).toMatchObject({ files: 1 })
})

const command = (code: string) => {
  const program = path.join(sandbox, 'agent.cjs')
  fs.writeFileSync(program, code)
  return at.api.agentCommands.save({
    name: 'Agent',
    argv: [process.execPath, program],
    form: 'text',
    layout: '.claude/skills',
    variables: [],
    timeLimitMs: 30_000,
  })
}

describe('files of a case', () => {
  const files = (names: readonly string[]) => {
    const { sha256: name, size } = content('bytes')
    poison(db =>
      db
        .prepare('UPDATE benchmark_cases SET files = ?')
        .run(JSON.stringify(names.map(one => ({ path: one, sha256: name, size })))),
    )
  }

  test('an export of any form leaves out what leads elsewhere, and says which', async () => {
    await at.save('# Body')
    at.addCases([{ name: 'Case', prompt: 'Question?' }])
    // A row's path has at least one character; without, it is no row.
    for (const name of HOSTILE_PATHS.filter(one => one !== '' && one.length <= 1_024)) {
      files(['plain.csv', name])
      for (const form of FORMS) {
        const { base64, remarks } = await at.api.cases.export({ skillId: at.skillId, form })
        const unpacked = unzipSync(Buffer.from(base64, 'base64'))
        expect(Object.keys(unpacked), `${form} ${name}`).toHaveLength(2)
        expect(Object.keys(unpacked)).toContain('plain.csv')
        const words = checkPath(name)?.message ?? 'never'
        expect(remarks, name).toEqual([{ path: '“Case”: files[1]', message: `${words} The file was left out.` }])
        const document = Object.entries(unpacked).find(([one]) => one !== 'plain.csv')?.[1]
        expect(Buffer.from(document ?? []).toString()).not.toMatch(/files\[1\]|\.\.\/x|authorized/)
      }
    }
  })

  test('cannot be stored under such a name by an author, either', async () => {
    at.addCases([{ name: 'Case', prompt: 'Question?' }])
    const [row] = (await at.api.cases.list({ skillId: at.skillId })).cases
    const { sha256: name, size } = content('bytes')
    for (const one of HOSTILE_PATHS) {
      const file = { path: one, sha256: name, size }
      if (!row) throw new Error('there is a case')
      const input = { id: row.id, expected: row.updatedAt, content: { ...row.content, files: [file] } }
      expect(await failure(at.api.cases.update(input)), one).not.toBe('nothing was said')
      expect(await failure(at.api.cases.putFile({ path: one, base64: '' })), one).not.toBe('nothing was said')
    }
  })

  test('an agent is started without what leads elsewhere or configures it, and the plan names each', async () => {
    await at.save('# Body')
    at.addCases([{ name: 'Case', prompt: 'List.' }])
    const hostile = HOSTILE_PATHS.filter(one => one !== '' && one.length <= 1_024)
    files(['plain.csv', 'data/more.csv', ...hostile, ...CONFIGURING])
    const code = `const { readdirSync } = require('node:fs'); console.log(JSON.stringify(readdirSync('.', { recursive: true }).sort()))`
    const { id: commandId, text } = await command(code)
    at.backend.allowProgram(text)
    const over = { contestants: [{ kind: 'command' as const, commandId }] }
    const plan = await at.api.benchmarks.plan(at.input(over))
    expect(plan.configuring.map(one => one.path)).toEqual(CONFIGURING)
    expect(plan.configuring.every(one => !one.given && one.ofName === 'Case')).toBe(true)
    const warned = plan.warnings.join('\n')
    expect(warned).toContain(`${CONFIGURING.length} files are left out: they would configure the agent`)
    for (const name of hostile) expect(warned, name).toContain(checkPath(name)?.message)
    expect(await at.run(over)).toMatchObject({ state: 'completed', failed: 0 })
    const [plain] = at.rows('SELECT output_produced AS said FROM benchmark_results')
    expect(JSON.parse(String(plain?.said))).toEqual(['data', 'data/more.csv', 'plain.csv'])

    // One of them, by name: that one is laid, and the plan that is agreed to is another.
    const given = plan.configuring.filter(one => one.path === 'CLAUDE.md')
    const named = await at.api.benchmarks.plan(at.input({ ...over, given }))
    expect(named.hash).not.toBe(plan.hash)
    expect(named.warnings.join('\n')).toContain('1 file configures the agent, as you asked: CLAUDE.md (Claude Code).')
    await expect(
      at.api.benchmarks.start({ ...at.input({ ...over, given }), consent: plan.hash }),
    ).rejects.toMatchObject({
      code: 'PLAN_CHANGED',
    })
    expect(await at.run({ ...over, given })).toMatchObject({ state: 'completed', failed: 0 })
    const said = at
      .rows('SELECT output_produced AS said FROM benchmark_results')
      .map(row => JSON.parse(String(row.said)))
    expect(said).toContainEqual(['CLAUDE.md', 'data', 'data/more.csv', 'plain.csv'])

    // Other content under that name was not given.
    const other = content('other bytes')
    poison(db =>
      db.prepare('UPDATE benchmark_cases SET files = ?').run(JSON.stringify([{ path: 'CLAUDE.md', ...other }])),
    )
    expect((await at.api.benchmarks.plan(at.input({ ...over, given }))).configuring).toMatchObject([{ given: false }])
  })
})
