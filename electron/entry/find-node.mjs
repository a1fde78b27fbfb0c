// @ts-check
// Plain JavaScript that Node 20 runs as it is, for the scripts that have to find a newer one.
import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..')
/** What better-sqlite3 13 is built against: Node ≥ 22.14, Electron ≥ 35. An older one crashes when it loads it. */
const NODE_API = 10

/** A Node that the library's driver runs in: this one, or the one among the dependencies. Ends the process where there is none. */
export function findNode() {
  if (Number(process.versions.napi) >= NODE_API) return process.execPath
  const windows = process.platform === 'win32'
  const platform = windows ? 'win' : process.platform
  const packages = [`node-${platform}-${process.arch}`, `node-bin-${platform}-${process.arch}`]
  const carried = packages.map(name => join(ROOT, 'node_modules', name, 'bin', windows ? 'node.exe' : 'node'))
  const found = [process.env.WHETSTONE_NODE ?? '', ...carried].find(existsSync)
  if (found !== undefined) return found
  console.error(
    `Whetstone needs Node 22.14 or newer and this is ${process.version}: install a newer one from nodejs.org.`,
  )
  process.exit(1)
}
