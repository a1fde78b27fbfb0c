import fs from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { projectDir } from './support/backend.ts'

/**
 * Content that somebody else may have written reaches a disk through one door, electron/safe-folder.ts. Every other file that
 * writes is here with what decides the name it writes to; a new one has to go through that door, or say here why not.
 */
const WRITERS: Record<string, string> = {
  'electron/safe-folder.ts': 'the door',
  'electron/benchmark/control-group.ts': 'a number of our own, below the system’s control groups',
  'electron/benchmark/workspace.ts': 'makes and removes a fresh folder; what goes in goes through the door',
  'electron/browser/open.ts': 'a page of our own in a fresh folder, which leads to the address',
  'electron/command-line/benchmark.ts': 'a report, to the file that the person named',
  'electron/library/beside.ts': 'names of our own, beside the library',
  'electron/library/journal.ts': 'one name, beside the library',
  'electron/library/mend.ts': 'hashes, anything but 0–9 and a–f replaced',
  'electron/library/private-folder.ts': 'names of our own, in the library’s folder',
  'electron/library/open.ts': 'names of our own, beside the library',
  'electron/library/rebuild.ts': 'names of our own, beside the library',
  'electron/main.ts': 'the data folder',
  'electron/registry/archive.ts': 'names of tables, in the folder that the owner named',
  'electron/registry/demo-state.ts': 'one name, in the demo’s folder',
  'electron/registry/embedded-postgres.ts': 'names of our own, in the demo’s folder',
  'electron/registry/export.ts': 'hashes (blobKey takes nothing else), in the folder that the owner named',
  'electron/registry/folder-files.ts': 'hashes (blobKey takes nothing else), in the team’s folder',
  'electron/registry/postgres-binaries.ts': 'links inside a package of npm, as that package lists them',
  'electron/registry/r2-simulator.ts': 'the simulator’s folder',
  'electron/sample/make-results.ts': 'run by hand, on the project’s own files',
  'electron/secrets.ts': 'one name, in the data folder',
  'electron/window-state.ts': 'one name, in the data folder',
}

const WRITES =
  /\b(?:writeFile|appendFile|mkdir|mkdtemp|copyFile|cp|rename|symlink|link|createWriteStream|writeFileSync|appendFileSync|mkdirSync|mkdtempSync|copyFileSync|cpSync|renameSync|symlinkSync|linkSync)\(|\bopen(?:Sync)?\([^)]*(?:'[wa]x?\+?'|O_WRONLY|O_RDWR|O_CREAT)/
/** Ours are called `rename` too. */
const NODE = /from 'node:fs(?:\/promises)?'/

test('no file writes to a disk past the one door, but those that are known to', () => {
  const files = fs
    .readdirSync(path.join(projectDir, 'electron'), { recursive: true, encoding: 'utf8' })
    .map(name => `electron/${name.split(path.sep).join('/')}`)
    .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const writing = files.filter(name => {
    const text = fs.readFileSync(path.join(projectDir, name), 'utf8')
    return NODE.test(text) && WRITES.test(text)
  })
  expect(writing.filter(name => !(name in WRITERS))).toEqual([])
  // And the list says nothing that is no longer so.
  expect(Object.keys(WRITERS).filter(name => !writing.includes(name))).toEqual([])
})

test('every zip is packed by one function, which checks each entry’s name', () => {
  const files = fs
    .readdirSync(path.join(projectDir, 'electron'), { recursive: true, encoding: 'utf8' })
    .filter(name => name.endsWith('.ts') && !name.endsWith('.test.ts'))
  const packing = files.filter(name =>
    /\bzip(?:Sync)?\(|new Zip\b/.test(fs.readFileSync(path.join(projectDir, 'electron', name), 'utf8')),
  )
  expect(packing).toEqual(['interchange/zip.ts'])
})
