import { spawn } from 'node:child_process'

/**
 * Ends a child when this process is killed outright: a shell in a session of its own waits on a pipe that only our death
 * closes. On Windows nothing is needed: Node puts its children in a job that ends with it.
 *
 * @returns ends that shell, for when the child is gone.
 */
export function guardAgainstOrphans(pid: number, platform: NodeJS.Platform = process.platform): () => void {
  if (platform === 'win32') return () => {}
  const guard = spawn('/bin/sh', ['-c', 'read _; kill -KILL "$0"', String(pid)], {
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  // Without a shell the child is simply not guarded; a pipe to a shell that has ended is no error of ours.
  guard.on('error', () => {})
  guard.stdin.on('error', () => {})
  guard.unref()
  return () => void guard.kill('SIGKILL')
}
