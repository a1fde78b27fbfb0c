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

test('what a process that is gone began to write is swept away, what another writes now is left', async () => {
  using here = folder()
  const { dataDir } = here
  await writeBeside(path.join(dataDir, 'library.mark'), '7\n')
  // No process has a number as large.
  const gone = path.join(dataDir, 'library.mark.99999999-1.partial')
  const now = path.join(dataDir, `teams.json.${process.ppid}-1.partial`)
  for (const file of [gone, now]) fs.writeFileSync(file, '')
  sweepBeside(dataDir)
  expect(fs.readdirSync(dataDir).sort()).toEqual(['library.mark', path.basename(now)])
  expect(readMark(dataDir)).toBe(7)
})
