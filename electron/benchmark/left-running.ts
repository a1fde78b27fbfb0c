import { execFile } from 'node:child_process'
import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import { setTimeout } from 'node:timers/promises'
import { type ControlGroup, controlGroup } from './control-group.ts'

/**
 * Finds what an agent's command left running: a process with a session of its own (setsid, nohup, a double fork) is not ended
 * with the command's group. Each run has a number in its environment, which its children inherit; where the system has control
 * groups that are ours to make, those hold its children too. What clears its environment, leaves its parent and has no group
 * around it is not found; on Windows only what still has its parent is.
 */

const VARIABLE = 'WHETSTONE_RUN'
/** A process goes between two looks. Longer than this none takes that was killed. */
const LOOK_MS = 20
const MOST_LOOKS = 250

type Found = { pid: number; parent: number; group: number; started: string; marked: boolean }

export class LeftRunning {
  readonly #mark = randomUUID()
  readonly #makeGroup: typeof controlGroup
  #group: ControlGroup | undefined
  /** Of the command, whose process group is ended by that. */
  #pid: number | undefined

  constructor(makeGroup = controlGroup) {
    this.#makeGroup = makeGroup
  }

  /** For the command's environment. */
  get variables(): NodeJS.ProcessEnv {
    return { [VARIABLE]: this.#mark }
  }

  /** Call as soon as the command runs, before it can have started anything. */
  watch(pid: number): void {
    this.#pid = pid
    this.#group = this.#makeGroup(this.#mark, pid)
  }

  /** Ends all of it, and answers how many there were beside the command's own process group. */
  async end(): Promise<{ ended: number; still: number }> {
    const seen = new Set<string>()
    try {
      for (let looks = 0; looks < MOST_LOOKS; looks++) {
        const found = await this.#find()
        if (found.length === 0) return { ended: seen.size, still: 0 }
        for (const one of found) if (one.group !== this.#pid) seen.add(`${one.pid} ${one.started}`)
        this.#group?.kill()
        for (const { pid } of found) kill(pid)
        await setTimeout(LOOK_MS)
      }
      const still = (await this.#find()).length
      return { ended: Math.max(0, seen.size - still), still }
    } finally {
      this.#group?.remove()
    }
  }

  async #find(): Promise<Found[]> {
    const all = process.platform === 'linux' ? listProc(this.#mark) : await listPs(this.#mark)
    const inGroup = new Set(this.#group?.processes())
    const ours = new Set(all.filter(one => one.marked || inGroup.has(one.pid)).map(one => one.pid))
    // Their children, should one have cleared its environment.
    for (let size = -1; size !== ours.size; ) {
      size = ours.size
      for (const one of all) if (ours.has(one.parent)) ours.add(one.pid)
    }
    ours.delete(process.pid)
    return all.filter(one => ours.has(one.pid))
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It has gone.
  }
}

/** Every process that is not dead yet, from /proc (proc(5)). Another user's environment cannot be read, and is not ours. */
function listProc(mark: string): Found[] {
  const wanted = Buffer.from(`${VARIABLE}=${mark}`)
  return fs.readdirSync('/proc').flatMap(name => {
    if (!/^\d+$/.test(name)) return []
    try {
      const stat = fs.readFileSync(`/proc/${name}/stat`, 'latin1')
      // The program's name, in parentheses, may hold anything.
      const [state = '', parent, group, ...rest] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
      if (state === 'Z' || state === 'X') return []
      const started = rest[16] ?? ''
      return [
        { pid: Number(name), parent: Number(parent), group: Number(group), started, marked: isMarked(name, wanted) },
      ]
    } catch {
      return []
    }
  })
}

function isMarked(pid: string, wanted: Buffer): boolean {
  try {
    return fs.readFileSync(`/proc/${pid}/environ`).includes(wanted)
  } catch {
    return false
  }
}

/** The same from `ps`, which shows the environment of one's own processes (-E, macOS) behind their command. */
function listPs(mark: string): Promise<Found[]> {
  if (process.platform === 'win32') return Promise.resolve([])
  const columns = ['-axww', '-E', '-o', 'pid=,ppid=,pgid=,stat=,command=']
  return new Promise(resolve => {
    execFile('/bin/ps', columns, { maxBuffer: 64 * 1024 * 1024, timeout: 10_000 }, (_error, out) => {
      const found = out.split('\n').flatMap(line => {
        const [, pid, parent, group, state = ''] = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)/.exec(line) ?? []
        if (pid === undefined || state.startsWith('Z')) return []
        const marked = line.includes(`${VARIABLE}=${mark}`)
        return [{ pid: Number(pid), parent: Number(parent), group: Number(group), started: '', marked }]
      })
      resolve(found)
    })
  })
}

/** For the result; undefined where there is nothing to tell. */
export function sayLeft({ ended, still }: { ended: number; still: number }): string | undefined {
  const were = (count: number, what: string): string =>
    count === 1
      ? `1 process that the command left running ${what}.`
      : `${count} processes that the command left running ${what}.`
  const words = [
    ...(ended > 0 ? [were(ended, ended === 1 ? 'was ended' : 'were ended')] : []),
    ...(still > 0
      ? [`${were(still, 'could not be ended')} End ${still === 1 ? 'it' : 'them'} in your system’s list of processes.`]
      : []),
  ]
  return words.length === 0 ? undefined : words.join(' ')
}
