import path from 'node:path'
import { POINTS } from '../../electron/sync/points.ts'
import { built } from '../support/built.ts'
import { SOURCE } from './app.ts'
import { type Crew, gather } from './crew.ts'
import { Skipped, scaleOf } from './row.ts'
import { ROWS } from './rows.ts'
import { startWorld } from './world.ts'

/**
 * `npm run faults [row …]`: the fault matrix of RELIABILITY.md against real processes, all of it or the rows named by
 * number; `--sample` does each once. Prints what came of each and how many processes were killed; exits with 1 where a
 * required outcome did not come about, or, of the whole, where there were fewer than 300 kills or a named
 * point (electron/sync/points.ts) was never struck.
 */
const wanted = process.argv
  .slice(2)
  .filter(word => !word.startsWith('--'))
  .map(Number)
const full = !process.argv.includes('--sample')
const rows = ROWS.filter(row => wanted.length === 0 || wanted.includes(row.n))

const program = await built([SOURCE, path.join(path.dirname(SOURCE), 'scrub.ts')], 'faults')
let world = await startWorld(program)
/** Of worlds that were left. */
const gone = { postgres: 0, store: 0 }
const servers = () => world.kills.postgres + world.kills.store + gone.postgres + gone.store
const points = new Map<string, number>()
let crew: Crew | undefined
let [killed, failed] = [0, 0]
const table: string[] = []
const print = (mark: string, n: number, title: string, kills: number, seconds: number, said: string) => {
  const line = `${mark} ${String(n).padStart(2)}  ${title.padEnd(64)} ${String(kills).padStart(4)} kills ${seconds.toFixed(0).padStart(5)} s   ${said}`
  table.push(line)
  console.log(line)
}

for (const row of rows) {
  const began = performance.now()
  const before = servers() + (crew?.kills.app ?? 0)
  const seconds = () => (performance.now() - began) / 1000
  const kills = () => servers() + (crew?.kills.app ?? 0) - before
  try {
    crew ??= await gather(world)
    const said = await row.run(crew, scaleOf(full))
    print('✓', row.n, row.title, kills(), seconds(), said)
  } catch (error) {
    if (error instanceof Skipped) print('–', row.n, row.title, kills(), seconds(), `skipped: ${error.message}`)
    else {
      failed++
      print(
        '✗',
        row.n,
        row.title,
        kills(),
        seconds(),
        error instanceof Error ? (error.stack ?? error.message) : String(error),
      )
      // Whatever it left behind must not spoil the next one.
      for (const [point, n] of crew?.kills.points ?? []) points.set(point, (points.get(point) ?? 0) + n)
      killed += crew?.kills.app ?? 0
      await crew?.end().catch(() => undefined)
      crew = undefined
      gone.postgres += world.kills.postgres
      gone.store += world.kills.store
      await world.stop()
      world = await startWorld(program)
    }
  }
}
for (const [point, n] of crew?.kills.points ?? []) points.set(point, (points.get(point) ?? 0) + n)
killed += crew?.kills.app ?? 0
const all = killed + servers()
await crew?.end()
await world.stop()

console.log(`\n${table.join('\n')}`)
console.log(
  `\n${all} kills: the app ${killed}, Postgres ${world.kills.postgres + gone.postgres}, the blob server ${world.kills.store + gone.store}; at ${points.size} named points:`,
)
console.log(
  [...points]
    .sort()
    .map(([point, n]) => `  ${point} ${n}`)
    .join('\n'),
)
const whole = full && wanted.length === 0
const never = POINTS.filter(point => !points.has(point))
const enough = !whole || (all >= 300 && never.length === 0)
if (whole && all < 300) console.log('That is fewer than 300 kills.')
if (whole && never.length > 0) console.log(`Never struck: ${never.join(', ')}.`)
console.log(failed === 0 ? '\nEvery row came out as required.' : `\n${failed} rows did not.`)
// What a row that failed left open must not keep this process.
process.exit(failed === 0 && enough ? 0 : 1)
