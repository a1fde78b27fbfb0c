import fs from 'node:fs'
import path from 'node:path'

/** Small files beside the library, which several processes may write: the app, and whatever runs on the command line. */

let written = 0
/** Where a file is written before it takes its name: no other process, and no other write of ours, writes there. */
export const partialOf = (file: string): string => `${file}.${process.pid}-${++written}.partial`

/** Puts a file in another's place, whole and durable, or leaves that one. */
export async function writeBeside(file: string, text: string, mode?: number): Promise<void> {
  const partial = partialOf(file)
  await fs.promises.writeFile(partial, text, { flush: true, ...(mode === undefined ? {} : { mode }) })
  await fs.promises.rename(partial, file)
}

/** Removes what processes that are gone began to write here. Called before anything is written. */
export function sweepBeside(dataDir: string): void {
  for (const name of fs.readdirSync(dataDir)) {
    const [, pid] = /\.(\d+)-\d+\.partial$/.exec(name) ?? []
    if (pid === undefined || (Number(pid) !== process.pid && isAlive(Number(pid)))) continue
    fs.rmSync(path.join(dataDir, name), { force: true })
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's, which we may not ask.
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
