import fs from 'node:fs'
import path from 'node:path'
import Database from 'better-sqlite3'
import { readMigrations } from '../../electron/library/migrate.ts'
import { openLibrary } from '../../electron/library/open.ts'
import { resources } from '../support/backend.ts'
import { fillLibrary } from '../support/library-to-break.ts'
import { newDataDir, problemOf, startApp, statusOf, synced } from './app.ts'
import type { Crew } from './crew.ts'
import { checkLibrary, withLibrary } from './oracle.ts'
import type { Row } from './row.ts'

/** Programs, libraries and registries of another make, and a clock that is wrong. */

const after = (ms: number): Promise<void> => new Promise(resolve => setTimeout(resolve, ms))
const YEAR = 365 * 86_400_000

export const AGE_ROWS: Row[] = [
  {
    n: 19,
    title: 'schema one newer, one older; kill mid-migration',
    run: async (crew, { times }) => {
      const { a, world } = crew
      await synced(await a.start(), world)
      await world.sql(
        "INSERT INTO whetstone.migrations (id, name, hash, applied_at) VALUES (9990, '9990_future.sql', 'x', 1)",
      )
      await a.stop()
      await crew.save(a)
      const newer = await reads(crew, 'newer')
      await world.sql('DELETE FROM whetstone.migrations WHERE id = 9990')
      const [last] = await world.sql<{ id: number; name: string; hash: string; applied_at: string }>(
        'DELETE FROM whetstone.migrations WHERE id = (SELECT max(id) FROM whetstone.migrations) RETURNING id, name, hash, applied_at',
      )
      await a.stop()
      const older = await reads(crew, 'older')
      await world.sql('INSERT INTO whetstone.migrations (id, name, hash, applied_at) VALUES ($1, $2, $3, $4)', [
        last?.id,
        last?.name,
        last?.hash,
        last?.applied_at,
      ])
      await a.stop()
      await synced(await a.start(), world)
      await newerLibrary(crew)
      const local = await migrateAndKill(crew, times(8, 2))
      return `newer: ${newer}, older: ${older}; ${local}; ${await crew.checkAll()}`
    },
  },
  {
    n: 20,
    title: 'clock ±1 year, backwards, daylight saving',
    run: async (crew, { times }) => {
      const { a, b, world } = crew
      const clocks = [
        `${YEAR}`,
        `${-YEAR}`,
        '3600000',
        '-3600000',
        `0/${-86_400_000 * 20}`,
        `${YEAR}/${86_400_000 * 50}`,
      ]
      for (const clock of clocks.slice(0, times(6, 2))) {
        await a.stop()
        await a.start({ WHETSTONE_WRONG_CLOCK: clock })
        await b.start()
        const first = await crew.save(a)
        await synced(await a.start(), world)
        await synced(await b.start(), world)
        const second = await crew.save(b)
        await synced(await b.start(), world)
        const third = await crew.save(a)
        await synced(await a.start(), world)
        const order = await world.sql<{ id: string }>(
          'SELECT id FROM whetstone.skill_versions WHERE id = ANY($1) ORDER BY version',
          [[first.id, second.id, third.id]],
        )
        const is = order.map(row => row.id).join(' ')
        if (is !== [first.id, second.id, third.id].join(' '))
          throw new Error(`with a clock of ${clock} ms the order changed`)
        for (const one of [a, b]) {
          await synced(await one.start(), world)
          const listed = (await (await one.start()).api.versions.list({ skillId: crew.skillId })).toSorted(
            (left, right) => (left.number ?? 0) - (right.number ?? 0),
          )
          const seen = listed.map(version => version.id).filter(id => is.includes(id))
          if (seen.join(' ') !== is) throw new Error(`with a clock of ${clock} ms a library has another order`)
        }
      }
      await a.stop()
      return `${times(6, 2)} wrong clocks; ${await crew.checkAll()}`
    },
  },
]

/** Starts A against a registry of another make: what it makes waits, and it says why. */
async function reads(crew: Crew, code: 'newer' | 'older'): Promise<string> {
  const app = await crew.a.start()
  await crew.save(crew.a)
  await app.api.sync.now({ tenantId: crew.world.tenantId })
  const end = performance.now() + 30_000
  for (;;) {
    const status = await statusOf(app, crew.world.tenantId)
    if (status.state === 'readOnly' && status.problem?.code === code && status.waiting > 0)
      return `${status.waiting} wait`
    if (performance.now() > end) throw new Error(`${code}: ${JSON.stringify(status)}`)
    await after(50)
  }
}

/** A library of a newer app is not touched: said so, and open again once that app is back. */
async function newerLibrary({ a, world }: Crew): Promise<void> {
  await a.stop()
  const file = path.join(a.dataDir, 'library.db')
  const change = (sql: string) => {
    const db = new Database(file)
    db.exec(sql)
    db.close()
  }
  change("INSERT INTO migrations SELECT 9990, '9990_future.sql', hash, applied_at FROM migrations LIMIT 1")
  const before = fs.readFileSync(file)
  const app = await a.start()
  const code = await problemOf(app)
  await a.stop()
  if (code !== 'NEWER') throw new Error(`a newer library was said to be ${code ?? 'its own'}`)
  if (!fs.readFileSync(file).equals(before)) throw new Error('a newer library was written to')
  change('DELETE FROM migrations WHERE id = 9990')
  checkLibrary(a.dataDir, world.tenantId, a.saved)
}

/** A library of an older app, struck while it is brought up to date: each time as old or as new, never in between. */
async function migrateAndKill(crew: Crew, times: number): Promise<string> {
  const migrations = readMigrations(path.join(resources.migrations, 'sqlite'))
  const outcome = { old: 0, between: 0, new: 0 }
  // Wherever the step is on this computer today: later after one that was not reached, earlier after one that was done.
  let delay = 150
  for (let n = 0; n < times; n++) {
    const dataDir = newDataDir()
    fs.mkdirSync(dataDir, { recursive: true })
    const old = path.join(dataDir, 'old-migrations')
    fs.mkdirSync(old)
    // All but the newest step, of a library with something in it.
    for (const migration of migrations.slice(0, -1))
      fs.copyFileSync(path.join(resources.migrations, 'sqlite', migration.name), path.join(old, migration.name))
    const opened = openLibrary({ dataDir, migrations: old, now: Date.now })
    if ('problem' in opened) throw new Error(opened.problem.happened)
    fillLibrary(opened.library, 20)
    const versions = opened.library.get<{ n: number }>('SELECT count(*) AS n FROM skill_versions').n
    opened.library.close()
    const starting = startApp(dataDir, {}, crew.world.program)
    const child = starting.then(app => app)
    child.catch(() => undefined)
    await waitForFile(path.join(dataDir, 'backups'))
    await after(delay * (0.5 + Math.random()))
    const pid = childOf(dataDir)
    if (pid !== undefined) process.kill(pid, 'SIGKILL')
    crew.kills.app++
    await child.then(
      app => app.gone,
      () => undefined,
    )
    const applied = withLibrary(dataDir, library => library.all<{ id: number }>('SELECT id FROM migrations').length)
    delay *= applied === migrations.length ? 0.6 : 1.8
    outcome[applied === migrations.length ? 'new' : applied === migrations.length - 1 ? 'old' : 'between']++
    const app = await startApp(dataDir, {}, crew.world.program)
    const problem = await problemOf(app)
    await app.stop()
    if (problem !== undefined) throw new Error(`struck while migrating, it is ${problem}`)
    const there = withLibrary(
      dataDir,
      library => library.get<{ n: number }>('SELECT count(*) AS n FROM skill_versions').n,
    )
    if (there !== versions) throw new Error(`${versions} versions became ${there}`)
    fs.rmSync(dataDir, { recursive: true, force: true })
  }
  if (outcome.between > 0) throw new Error('a migration was half done')
  return `struck while migrating: ${outcome.old} as before, ${outcome.new} done`
}

async function waitForFile(file: string): Promise<void> {
  const end = performance.now() + 30_000
  while (!fs.existsSync(file) && performance.now() < end) await new Promise(resolve => setImmediate(resolve))
}

/** The process of ours whose argument is that folder. */
function childOf(dataDir: string): number | undefined {
  for (const entry of fs.readdirSync('/proc')) {
    if (!/^\d+$/.test(entry)) continue
    try {
      if (fs.readFileSync(`/proc/${entry}/cmdline`, 'utf8').split('\u0000').includes(dataDir)) return Number(entry)
    } catch {
      // It ended in between.
    }
  }
  return undefined
}
