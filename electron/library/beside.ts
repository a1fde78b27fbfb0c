import fs from 'node:fs'
import path from 'node:path'
import { PRIVATE_FILE } from './private-folder.ts'

/** Small files beside the library, which several processes may write: the app, and whatever runs on the command line. */

let written = 0
/** Where a file is written before it takes its name: no other process, and no other write of ours, writes there. */
export const partialOf = (file: string): string => `${file}.${process.pid}-${++written}.partial`

/** Puts a file in another's place, whole and durable, or leaves that one. */
export async function writeBeside(file: string, text: string): Promise<void> {
  const partial = partialOf(file)
  await fs.promises.writeFile(partial, text, { flush: true, mode: PRIVATE_FILE })
  await fs.promises.rename(partial, file)
}

/** Longer than any of these files takes to write. */
const GIVEN_UP_MS = 3_600_000

/** Removes what a process that ended meanwhile began to write here, and nobody has gone on with for an hour. */
export function sweepBeside(dataDir: string, now: number): void {
  for (const name of fs.readdirSync(dataDir).filter(one => /\.\d+-\d+\.partial$/.test(one))) {
    const file = path.join(dataDir, name)
    const touched = fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? now
    if (touched < now - GIVEN_UP_MS) fs.rmSync(file, { force: true })
  }
}
