import { execFileSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/**
 * `node test/support/complete-lock.ts`: after adding a dependency, names in package-lock.json the packages of other
 * platforms that npm left out, and asks npm for their checksums. npm drops an optional package that it cannot fetch at
 * that moment from the lock file, and `npm ci` then refuses the lock file everywhere; what has no checksum would be
 * installed whatever it is.
 */
type Entry = {
  version?: string
  integrity?: string
  /** It comes inside the package that holds it, whose checksum covers it. */
  inBundle?: boolean
  dev?: boolean
  optional?: boolean
  os?: string[]
  cpu?: string[]
  libc?: string[]
  optionalDependencies?: Record<string, string>
}
export type Lock = { packages: Record<string, Entry> }

/** Optional packages that the lock file's own packages name and that have no entry, with the one that names them. */
export function missingOptional(lock: Lock): { name: string; version: string; by: string }[] {
  return Object.entries(lock.packages).flatMap(([by, { optionalDependencies = {} }]) =>
    Object.entries(optionalDependencies)
      .filter(([name]) => !isThere(lock, by, name))
      .map(([name, version]) => ({ name, version, by })),
  )
}

/** Packages without a SHA-512, as `name@version`. */
export function withoutIntegrity(lock: Lock): string[] {
  return Object.entries(lock.packages)
    .filter(([at, { integrity, inBundle }]) => at !== '' && !inBundle && !integrity?.startsWith('sha512-'))
    .map(([at, entry]) => nameOf(at, entry))
}

const nameOf = (at: string, { version = '' }: Entry): string =>
  `${at.slice(at.lastIndexOf('node_modules/') + 'node_modules/'.length)}@${version}`

/** As the registry says it now. */
function askIntegrity(named: string): string {
  const said = execFileSync('npm', ['view', named, 'dist.integrity'], { encoding: 'utf8' }).trim()
  if (!said.startsWith('sha512-')) throw new Error(`No SHA-512 of ${named} is to be had.`)
  return said
}

/** As Node looks: in the package's own node_modules, then in every one above. */
function isThere(lock: Lock, from: string, name: string): boolean {
  for (let at = from; ; ) {
    if (`${at === '' ? '' : `${at}/`}node_modules/${name}` in lock.packages) return true
    if (at === '') return false
    at = at.slice(0, Math.max(0, at.lastIndexOf('/node_modules/')))
  }
}

const OS: Record<string, string> = {
  windows: 'win32',
  win32: 'win32',
  darwin: 'darwin',
  linux: 'linux',
  android: 'android',
}
const CPU: Record<string, string> = {
  x64: 'x64',
  '64': 'x64',
  arm64: 'arm64',
  arm: 'arm',
  ia32: 'ia32',
  ppc64: 'ppc64',
  s390x: 's390x',
}

/** The platform is read from the name, as such packages are named; without it npm would install them everywhere. */
export function completed(lock: Lock): Lock {
  const packages = { ...lock.packages }
  for (const { name, version, by } of missingOptional(lock)) {
    const words = name.split(/[/-]/)
    const os = words.flatMap(word => OS[word] ?? [])
    const cpu = words.flatMap(word => CPU[word] ?? [])
    if (os.length !== 1 || cpu.length !== 1 || !/^\d/.test(version)) {
      throw new Error(`${name}@${version} is missing from package-lock.json, and its platform cannot be told.`)
    }
    const dev = lock.packages[by]?.dev === true ? { dev: true } : {}
    const libc = words.includes('musl') ? { libc: ['musl'] } : {}
    packages[`node_modules/${name}`] = { version, cpu, ...dev, ...libc, optional: true, os }
  }
  const sorted = Object.entries(packages).sort(([a], [b]) => (a < b ? -1 : 1))
  return { ...lock, packages: Object.fromEntries(sorted) }
}

if (import.meta.main) {
  const file = join(import.meta.dirname, '..', '..', 'package-lock.json')
  const lock: Lock = JSON.parse(readFileSync(file, 'utf8'))
  const missing = missingOptional(lock)
  const whole = missing.length > 0 ? completed(lock) : lock
  const lacking = withoutIntegrity(whole)
  for (const [at, entry] of Object.entries(whole.packages)) {
    const named = nameOf(at, entry)
    if (lacking.includes(named)) entry.integrity = askIntegrity(named)
  }
  if (missing.length + lacking.length > 0) writeFileSync(file, `${JSON.stringify(whole, null, 2)}\n`)
  console.log(
    `package-lock.json: ${missing.length} packages of other platforms and ${lacking.length} checksums were added.`,
  )
}
