import fs from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { temporaryFolder } from '../../test/support/backend.ts'
import {
  addRating,
  addSkill,
  addVersion,
  at,
  fillLibrary,
  migrations,
  openOrThrow,
  PERSONAL,
  TEAM,
} from '../../test/support/library-to-break.ts'
import { sha256 } from './blobs.ts'
import { Generation } from './generation.ts'
import { OutboxJournal } from './journal.ts'
import type { Library } from './library.ts'
import { listMissingContent } from './missing-content.ts'
import { openLibrary } from './open.ts'
import { type RebuildReport, rebuildLibrary } from './rebuild.ts'
import { listWrongTotals } from './totals.ts'

let dataDir: string
beforeEach(() => {
  dataDir = temporaryFolder()
})
afterEach(() => fs.rmSync(dataDir, { recursive: true, force: true }))

const file = (suffix = '') => path.join(dataDir, `library.db${suffix}`)
const problem = () => {
  const opened = openLibrary({ dataDir, migrations, now: () => at })
  if ('problem' in opened) return opened.problem.code
  opened.library.close()
  return 'none'
}
let lastId = 0
const rebuild = (): Promise<RebuildReport> =>
  rebuildLibrary({ dataDir, migrations, now: () => at, newId: () => `new-${++lastId}`, onProgress: () => {} })

/** Fills a library and closes it as a backend does, with journal and mark beside it. */
async function filled(work: (library: Library) => void = () => {}): Promise<void> {
  const library = openOrThrow(dataDir)
  const journal = new OutboxJournal(library, dataDir, () => {})
  const generation = new Generation(library, dataDir, () => {})
  fillLibrary(library, 6)
  work(library)
  await journal.settled()
  await generation.mark()
  await journal.stop()
  library.close()
}

const ids = (library: Library, table: string): string[] =>
  library.all<{ id: string }>(`SELECT id FROM ${table} ORDER BY id`).map(row => row.id)

/** What every rebuilt library must be, whatever happened to the old one. */
function checkWhole(library: Library): void {
  expect(library.db.pragma('integrity_check', { simple: true })).toBe('ok')
  expect(library.db.pragma('foreign_key_check')).toEqual([])
  for (const row of library.all<{ sha256: string; bytes: Buffer }>('SELECT sha256, bytes FROM blobs'))
    expect(sha256(row.bytes)).toBe(row.sha256)
  expect(listWrongTotals(library)).toEqual([])
  expect(() => library.run('UPDATE blobs SET size = 1')).toThrow('content never changes')
}

async function rebuilt(): Promise<{ library: Library; report: RebuildReport }> {
  const report = await rebuild()
  const library = openOrThrow(dataDir)
  checkWhole(library)
  return { library, report }
}

function flip(pageno: number, from = 0, length = 4096): void {
  const bytes = fs.readFileSync(file())
  bytes.fill(0xff, (pageno - 1) * 4096 + from, (pageno - 1) * 4096 + from + length)
  fs.writeFileSync(file(), bytes)
}

/** Of the closed library. */
function pagesOf(...names: string[]): number[] {
  const library = openOrThrow(dataDir)
  const pages = library.all<{ pageno: number; name: string }>('SELECT pageno, name FROM dbstat ORDER BY pageno')
  library.close()
  return pages.filter(page => names.includes(page.name)).map(page => page.pageno)
}

describe('a library that is rebuilt', () => {
  test('from a sound file is the same, with its working copies, settings and unsent changes', async () => {
    let before: unknown[] = []
    const everything = (library: Library) =>
      [
        'tenants',
        'users',
        'spaces',
        'skills',
        'skill_versions',
        'ratings',
        'working_files',
        'settings',
        'import_origins',
        'outbox',
      ].map(table => library.all(`SELECT * FROM ${table} ORDER BY 1, 2`))
    await filled(library => {
      before = everything(library)
    })
    const { library, report } = await rebuilt()
    expect(everything(library)).toEqual(before)
    expect(report).toMatchObject({ damagedPages: 0, lost: [], awaited: 0, notes: [], fromBackups: 0, requeued: 0 })
    expect(report.teams).toEqual(['Space team'])
    // Everything is asked again of the registry.
    expect(library.all('SELECT since, mark, epoch, paused FROM sync_states')).toEqual([
      { since: 0, mark: null, epoch: 'e', paused: 0 },
    ])
    library.close()
    expect(fs.existsSync(report.movedTo ?? '')).toBe(true)
    expect(problem()).toBe('none')
  })

  test('names the content that did not come back, and asks the team for its own', async () => {
    await filled()
    const pages = pagesOf('blobs')
    for (const page of pages.slice(2, 6)) flip(page)
    expect(problem()).toBe('BROKEN')
    const { library, report } = await rebuilt()
    const missing = [...listMissingContent(library)]
    expect(missing.length).toBeGreaterThan(0)
    expect(report.lost.length + report.awaited).toBe(missing.length)
    expect(report.lost.every(item => /^skill-\d+ v\d/.test(item.of))).toBe(true)
    const wanted = library.all<{ sha256: string }>('SELECT sha256 FROM content_wanted').map(row => row.sha256)
    expect(new Set(wanted)).toEqual(new Set(missing.filter(item => item.team).map(item => item.sha256)))
    library.close()
  })

  test('gets from a backup what its file lost', async () => {
    await filled()
    const backups = path.join(dataDir, 'backups')
    fs.mkdirSync(backups)
    fs.copyFileSync(file(), path.join(backups, 'library-20260101-000000-before-0040_x.db'))
    for (const page of pagesOf('blobs', 'skill_versions', 'settings', 'spaces', 'working_files')) flip(page)
    const { library, report } = await rebuilt()
    expect([...listMissingContent(library)]).toEqual([])
    expect(ids(library, 'skill_versions')).toHaveLength(48)
    expect(library.all('SELECT key FROM settings')).toHaveLength(20)
    expect(report.fromBackups).toBeGreaterThan(48)
    library.close()
  })

  test('without backup or space rows still knows whose everything is', async () => {
    await filled()
    for (const page of pagesOf('spaces', 'tenants', 'users')) flip(page)
    const { library, report } = await rebuilt()
    expect(library.all('SELECT tenant_id, kind, user_id FROM spaces ORDER BY tenant_id')).toEqual([
      { tenant_id: PERSONAL, kind: 'personal', user_id: 'user-personal' },
      { tenant_id: TEAM, kind: 'team', user_id: 'user-team' },
    ])
    expect(library.all('SELECT name FROM tenants ORDER BY id')).toEqual([
      { name: 'Space personal' },
      { name: 'Space team' },
    ])
    expect(report.skills).toBe(12)
    library.close()
  })

  test('makes skills again whose rows are gone, from their versions', async () => {
    await filled()
    fs.rmSync(path.join(dataDir, 'teams.json'))
    for (const page of pagesOf('skills', 'spaces', 'tenants', 'users', 'sync_states')) flip(page)
    const { library, report } = await rebuilt()
    // Those of the team are unsent, so the journal has them as they were.
    expect(report.notes).toContain('6 skills were made again from their versions.')
    expect(ids(library, 'skill_versions')).toHaveLength(48)
    const pointers = library.all(
      'SELECT s.id FROM skills s WHERE draft_version_id IS NULL OR draft_version_id NOT IN (SELECT id FROM skill_versions WHERE skill_id = s.id)',
    )
    expect(pointers).toEqual([])
    library.close()
  })

  test('whose versions are gone has the unsent ones again, though it still knew that they wait', async () => {
    await filled()
    for (const page of pagesOf('skill_versions')) flip(page)
    const { library } = await rebuilt()
    const queued = library.all<{ entity_id: string }>("SELECT entity_id FROM outbox WHERE entity = 'version'")
    expect(queued).toHaveLength(24)
    expect(ids(library, 'skill_versions')).toEqual(expect.arrayContaining(queued.map(row => row.entity_id)))
    library.close()
  })

  test('that was emptied comes back from its journal and what is kept beside it', async () => {
    await filled()
    fs.writeFileSync(file(), '')
    expect(problem()).toBe('BROKEN')
    const { library, report } = await rebuilt()
    // The personal skills lived only there; the team's were all unsent.
    expect(library.get<{ n: number }>('SELECT count(*) AS n FROM skill_versions WHERE tenant_id = ?', TEAM).n).toBe(24)
    expect(library.get<{ n: number }>('SELECT count(*) AS n FROM skill_versions WHERE tenant_id = ?', PERSONAL).n).toBe(
      0,
    )
    expect(library.all('SELECT kind FROM spaces ORDER BY kind')).toEqual([{ kind: 'personal' }, { kind: 'team' }])
    expect([...listMissingContent(library)]).toEqual([])
    expect(report.requeued).toBe(library.get<{ n: number }>('SELECT count(*) AS n FROM outbox').n)
    library.close()
  })

  test.each([0, 1, 511, 4096, 4097, 40_000, 200_000])('that was cut off after %i bytes opens again', async length => {
    await filled()
    fs.truncateSync(file(), length)
    expect(problem()).toBe('BROKEN')
    const { library } = await rebuilt()
    const team = library.get<{ n: number }>('SELECT count(*) AS n FROM skill_versions WHERE tenant_id = ?', TEAM).n
    expect(team).toBe(24)
    library.close()
  })

  test('that is stopped half-way leaves everything as it was', async () => {
    await filled()
    flip(5)
    const before = fs.readFileSync(file())
    const stop = new AbortController()
    const stopped = rebuildLibrary({
      dataDir,
      migrations,
      now: () => at,
      newId: () => 'x',
      onProgress: ({ done }) => done > 10 && stop.abort(),
      signal: stop.signal,
    })
    await expect(stopped).rejects.toThrow('abort')
    expect(fs.readFileSync(file()).equals(before)).toBe(true)
    expect(fs.existsSync(path.join(dataDir, 'rebuilding'))).toBe(false)
  })

  test('and killed before the broken one made way is put in its place at the next start', async () => {
    await filled()
    fs.mkdirSync(path.join(dataDir, 'rebuilt'))
    fs.copyFileSync(file(), path.join(dataDir, 'rebuilt', 'library.db'))
    fs.truncateSync(file(), 5000)
    expect(problem()).toBe('none')
    expect(fs.readdirSync(dataDir).filter(name => name.startsWith('library-set-aside'))).toHaveLength(1)
    expect(fs.existsSync(path.join(dataDir, 'rebuilt'))).toBe(false)
  })
})

describe('a write-ahead log that was deleted', () => {
  /** Files as a kill leaves them: the library with its log, what was kept beside it. */
  async function killed(): Promise<{ versionId: string; teamVersionId: string }> {
    await filled()
    const library = openOrThrow(dataDir)
    const journal = new OutboxJournal(library, dataDir, () => {})
    const generation = new Generation(library, dataDir, () => {})
    const personal = addSkill(library, PERSONAL, 2)
    const team = addSkill(library, TEAM, 2)
    addRating(library, TEAM, team.skillId, team.ids[0] ?? '')
    await journal.settled()
    await generation.mark()
    const saved = new Map(['', '-wal'].map(suffix => [suffix, fs.readFileSync(file(suffix))]))
    await journal.stop()
    library.close()
    for (const [suffix, bytes] of saved) fs.writeFileSync(file(suffix), bytes)
    return { versionId: personal.ids[1] ?? '', teamVersionId: team.ids[1] ?? '' }
  }

  test('is seen, where what it held was vouched for', async () => {
    const { versionId } = await killed()
    const whole = openOrThrow(dataDir)
    expect(ids(whole, 'skill_versions')).toContain(versionId)
    whole.close()
    for (const name of fs.readdirSync(dataDir)) fs.rmSync(path.join(dataDir, name), { recursive: true })
    await killed()
    fs.rmSync(file('-wal'))
    expect(problem()).toBe('OLDER')
    // Looking changed nothing.
    expect(problem()).toBe('OLDER')
  })

  test('costs no unsent change: they are queued again, with their content', async () => {
    const { teamVersionId } = await killed()
    fs.rmSync(file('-wal'))
    const { library, report } = await rebuilt()
    expect(ids(library, 'skill_versions')).toContain(teamVersionId)
    expect([...listMissingContent(library)]).toEqual([])
    // Skill, two versions, rating.
    expect(report.requeued).toBe(4)
    expect(library.all<{ entity: string }>('SELECT entity FROM outbox ORDER BY seq DESC LIMIT 4')).toEqual([
      { entity: 'rating' },
      { entity: 'version' },
      { entity: 'version' },
      { entity: 'skill' },
    ])
    library.close()
    expect(problem()).toBe('none')
  })

  test('is accepted where the reader says so, and no number is given twice', async () => {
    await killed()
    fs.rmSync(file('-wal'))
    const library = openOrThrow(dataDir, true)
    const before = library.get<{ n: number }>('SELECT max(seq) AS n FROM outbox').n
    addVersion(library, TEAM, ids(library, 'skills').find(id => isOf(library, id, TEAM)) ?? '', null)
    expect(library.get<{ n: number }>('SELECT max(seq) AS n FROM outbox').n).toBeGreaterThan(before + 4)
    library.close()
    expect(problem()).toBe('none')
  })

  test('a deleted -shm is nothing: SQLite makes it again', async () => {
    const { versionId } = await killed()
    fs.rmSync(file('-shm'), { force: true })
    const library = openOrThrow(dataDir)
    expect(ids(library, 'skill_versions')).toContain(versionId)
    library.close()
  })
})

const isOf = (library: Library, skillId: string, tenantId: string): boolean =>
  library.find('SELECT 1 FROM skills WHERE id = ? AND tenant_id = ?', skillId, tenantId) !== undefined

test('what was acknowledged is not queued again', async () => {
  await filled()
  const library = openOrThrow(dataDir)
  const journal = new OutboxJournal(library, dataDir, () => {})
  await journal.settled()
  await journal.stop()
  // Acknowledged, and killed before the journal heard of it.
  library.run('DELETE FROM outbox WHERE seq <= 10')
  const waiting = library.get<{ n: number }>('SELECT count(*) AS n FROM outbox').n
  library.close()
  flip(pagesOf('blobs')[3] ?? 0)
  const after = await rebuilt()
  expect(after.report.requeued).toBe(0)
  expect(after.library.get<{ n: number }>('SELECT count(*) AS n FROM outbox').n).toBe(waiting)
  after.library.close()
})
