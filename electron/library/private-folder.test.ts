import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder, testBackend } from '../../test/support/backend.ts'
import { addSkill, fillLibrary, openOrThrow, PERSONAL } from '../../test/support/library-to-break.ts'
import { quarantine } from './mend.ts'
import { suspect } from './open.ts'
import { keepPrivate } from './private-folder.ts'

let folder = ''
let umask = 0
beforeEach(() => {
  folder = temporaryFolder()
  // As most systems have it: what a program does not say is readable by everybody.
  umask = process.umask(0o022)
})
afterEach(() => {
  process.umask(umask)
  fs.rmSync(folder, { recursive: true, force: true })
})

const modeOf = (file: string) => fs.statSync(file).mode & 0o777
/** Everything below a folder that others can read, write or enter, with its mode. */
const openToOthers = (dataDir: string): string[] =>
  [dataDir, ...fs.readdirSync(dataDir, { recursive: true, encoding: 'utf8' }).map(name => path.join(dataDir, name))]
    .filter(file => (modeOf(file) & 0o077) !== 0)
    .map(file => `${path.relative(dataDir, file)} ${modeOf(file).toString(8)}`)

describe.skipIf(process.platform === 'win32')('the library’s folder', () => {
  test('and everything in it is this user’s alone, after the app was used', async () => {
    const dataDir = path.join(folder, 'made', 'library')
    const app = await testBackend({ dataDir })
    const { id } = await app.api.skills.create({ tenantId: app.tenantId, slug: 'brief' })
    await app.api.workingCopies.write({
      skillId: id,
      path: 'SKILL.md',
      content: { kind: 'text', text: '---\nname: brief\ndescription: Writes.\n---\n' },
      expected: (await app.api.workingCopies.get({ skillId: id })).files[0]?.sha256 ?? null,
    })
    await app.api.versions.save({ skillId: id, message: 'First' })
    await app.api.spaces.openSample()
    const provider = await app.api.providers.save({
      name: 'A',
      kind: 'anthropic',
      baseUrl: null,
      models: [],
      concurrency: 1,
    })
    await app.api.providers.setKey({ id: provider.id, key: 'sk-planted' })
    expect(openToOthers(dataDir)).toEqual([])
    const again = await app.restart()
    expect(openToOthers(dataDir)).toEqual([])
    await again[Symbol.asyncDispose]()
  })

  test('so are backups, damaged bytes and what is unsent, each as it is made', () => {
    const dataDir = path.join(folder, 'library')
    const library = openOrThrow(dataDir)
    fillLibrary(library, 2)
    addSkill(library, PERSONAL, 2)
    suspect(dataDir)
    const { rowid } = library.get<{ rowid: number }>('SELECT rowid FROM blobs LIMIT 1')
    library.db.exec('DROP TRIGGER IF EXISTS blobs_are_immutable')
    const triggers = library.all<{ name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'trigger' AND tbl_name = 'blobs'",
    )
    for (const { name } of triggers) library.db.exec(`DROP TRIGGER "${name}"`)
    library.run('UPDATE blobs SET bytes = ? WHERE rowid = ?', Buffer.from('damaged'), rowid)
    expect(quarantine(library, dataDir, rowid)).toBe(true)
    library.close()
    expect(fs.existsSync(path.join(dataDir, 'quarantine'))).toBe(true)
    expect(openToOthers(dataDir)).toEqual([])
  })

  test('that an earlier version left open is closed at the next start', async () => {
    const dataDir = path.join(folder, 'library')
    const first = await testBackend({ dataDir })
    await first.backend.close()
    fs.mkdirSync(path.join(dataDir, 'backups'))
    fs.writeFileSync(path.join(dataDir, 'backups', 'library-1.db'), 'x')
    fs.writeFileSync(path.join(dataDir, 'secrets.json'), '{"version":1}')
    fs.mkdirSync(path.join(dataDir, 'window'))
    for (const file of fs.readdirSync(dataDir, { recursive: true, encoding: 'utf8' })) {
      const full = path.join(dataDir, file)
      fs.chmodSync(full, fs.statSync(full).isDirectory() ? 0o755 : 0o644)
    }
    fs.chmodSync(dataDir, 0o755)
    expect(openToOthers(dataDir).length).toBeGreaterThan(4)
    const again = await testBackend({ dataDir })
    expect(openToOthers(dataDir)).toEqual([])
    await again[Symbol.asyncDispose]()
  })

  test('that somebody also keeps other things in stays as it is, but for our files', async () => {
    fs.chmodSync(folder, 0o755)
    const theirs = path.join(folder, 'notes.txt')
    fs.writeFileSync(theirs, 'x')
    const target = path.join(folder, 'elsewhere')
    fs.mkdirSync(target)
    fs.symlinkSync(target, path.join(folder, 'quarantine'))
    const app = await testBackend({ dataDir: folder })
    expect(app.log).toEqual([])
    expect([modeOf(folder), modeOf(theirs), modeOf(target)]).toEqual([0o755, 0o644, 0o755])
    expect(modeOf(path.join(folder, 'library.db'))).toBe(0o600)
    await app.backend.close()
  })

  test('is closed again and again without a change', () => {
    const dataDir = path.join(folder, 'library')
    openOrThrow(dataDir).close()
    const before = fs.statSync(path.join(dataDir, 'library.db')).ctimeMs
    keepPrivate(dataDir)
    expect(fs.statSync(path.join(dataDir, 'library.db')).ctimeMs).toBe(before)
  })
})
