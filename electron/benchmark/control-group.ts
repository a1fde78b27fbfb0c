import fs from 'node:fs'
import path from 'node:path'

/**
 * A control group of Linux (cgroup v2, `man 7 cgroups`) around one run: every process that is started in it stays in it,
 * whatever session it makes of its own. A person's session usually may make groups below its own; where it may not, or
 * elsewhere, there is none.
 */
export type ControlGroup = { processes: () => number[]; kill: () => void; remove: () => void }

/** Puts a process, which has just been started, into a group of its own; undefined where that cannot be had. */
export function controlGroup(name: string, pid: number): ControlGroup | undefined {
  if (process.platform !== 'linux') return undefined
  try {
    const above = ownGroup()
    if (above === undefined) return undefined
    const folder = path.join(above, `whetstone-${name}`)
    fs.mkdirSync(folder)
    try {
      fs.writeFileSync(path.join(folder, 'cgroup.procs'), String(pid))
    } catch {
      fs.rmdirSync(folder)
      return undefined
    }
    return groupAt(folder)
  } catch {
    return undefined
  }
}

const groupAt = (folder: string): ControlGroup => ({
  processes: () => {
    try {
      return fs.readFileSync(path.join(folder, 'cgroup.procs'), 'utf8').split('\n').filter(Boolean).map(Number)
    } catch {
      return []
    }
  },
  kill: () => {
    try {
      // Linux 5.14; older ones go process by process.
      fs.writeFileSync(path.join(folder, 'cgroup.kill'), '1')
    } catch {
      // What is in it is ended by its numbers.
    }
  },
  remove: () => {
    try {
      fs.rmdirSync(folder)
    } catch {
      // Something is still in it; an empty group costs nothing.
    }
  },
})

/** The folder of the group this process is in. */
function ownGroup(): string | undefined {
  const own = /^0::(.*)$/m.exec(fs.readFileSync('/proc/self/cgroup', 'utf8'))?.[1]
  // … mount point options - type source: proc(5). Only a mount of the whole tree has our path below it.
  const mount = /^\S+ \S+ \S+ \/ (\S+) .* - cgroup2 /m.exec(fs.readFileSync('/proc/self/mountinfo', 'utf8'))?.[1]
  return own === undefined || mount === undefined ? undefined : path.join(mount, own)
}
