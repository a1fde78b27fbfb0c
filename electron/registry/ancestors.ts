import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/**
 * Whether the programs that started this one still run. By the parent's number, which changes when it is gone; and where
 * npm started us, who puts a shell in between that outlives it, by npm's too.
 *
 * @returns a function that looks
 */
export function watchAncestors(env: NodeJS.ProcessEnv = process.env): () => boolean {
  const parent = process.ppid
  const npm = env.npm_lifecycle_event === undefined ? undefined : parentOf(parent)
  return () => {
    if (process.ppid !== parent) return false
    if (npm === undefined) return true
    return process.platform === 'linux' ? parentOf(parent) === npm : isAlive(npm)
  }
}

/** Undefined where the system does not tell. */
function parentOf(pid: number): number | undefined {
  try {
    // After the name, which may hold anything, come the state and the parent (proc_pid_stat(5)).
    if (process.platform === 'linux')
      return Number(
        readFileSync(`/proc/${pid}/stat`, 'utf8')
          .replace(/^.*\) /s, '')
          .split(' ')[1],
      )
    if (process.platform === 'win32') return undefined
    const said = spawnSync('ps', ['-o', 'ppid=', '-p', String(pid)], { encoding: 'utf8' }).stdout
    return Number.parseInt(said, 10) || undefined
  } catch {
    return undefined
  }
}

export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}
