import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import Database from 'better-sqlite3'
import { expect, test } from 'vitest'
import { sweepBeside, writeBeside } from './beside.ts'
import { Generation, readGeneration, readMark } from './generation.ts'
import { Library } from './library.ts'

function folder() {
  const dataDir = fs.mkdtempSync(path.join(os.tmpdir(), 'whetstone-test-'))
  return { dataDir, [Symbol.dispose]: () => fs.rmSync(dataDir, { recursive: true, force: true }) }
}

test('two that vouch for one library at once do not take each other’s file away', async () => {
  using here = folder()
  const { dataDir } = here
  const said: string[] = []
  const both = [0, 1].map(() => {
    const library = new Library()
    library.open(new Database(path.join(dataDir, 'library.db')))
    return { library, generation: new Generation(library, dataDir, line => said.push(line)) }
  })
  await Promise.all(Array.from({ length: 40 }, (_, at) => both[at % 2]?.generation.mark()))
  expect(said).toEqual([])
  const [first] = both
  expect(readMark(dataDir)).toBeGreaterThan(0)
  expect(readMark(dataDir)).toBeLessThanOrEqual(first ? readGeneration(first.library.db) : 0)
  expect(fs.readdirSync(dataDir).filter(name => name.endsWith('.partial'))).toEqual([])
  for (const { library } of both) library.close()
})

test('what a process that ended began to write is swept away, what another writes now is left', async () => {
  using here = folder()
  const { dataDir } = here
  await writeBeside(path.join(dataDir, 'library.mark'), '7\n')
  const [old, now] = ['library.mark.41-1.partial', 'teams.json.42-1.partial']
  for (const name of [old, now]) fs.writeFileSync(path.join(dataDir, name), '')
  const hourAgo = new Date(Date.now() - 3_700_000)
  for (const name of [old, 'library.mark']) fs.utimesSync(path.join(dataDir, name), hourAgo, hourAgo)
  sweepBeside(dataDir, Date.now())
  expect(fs.readdirSync(dataDir).sort()).toEqual(['library.mark', now])
  expect(readMark(dataDir)).toBe(7)
})
