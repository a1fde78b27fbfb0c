import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'
import { v7 } from 'uuid'
import type { BackendOptions, SyncOptions } from '../backend.ts'
import { systemKeychain } from '../keychain.ts'
import { projectRoot } from '../project.ts'
import { openSecrets } from '../secrets.ts'

/** What a real backend is started with: this computer's clock, ids, folders. Tests pass their own. */
export function backendOptions(dataDir: string, log: (line: string) => void): BackendOptions {
  const root = projectRoot(import.meta.url)
  return {
    dataDir,
    resources: { migrations: join(root, 'migrations'), sample: join(root, 'electron', 'sample') },
    clock: Date.now,
    newId: v7,
    home: homedir(),
    platform: process.platform,
    appVersion: appVersion(root),
    secrets: openSecrets({ dataDir, keychain: systemKeychain() }),
    environment: process.env,
    log,
  }
}

/** Teams are synced by the app alone: by chance and time as they are. */
export const syncOptions = (): SyncOptions => ({
  random: Math.random,
  after: (ms, callback) => {
    const timer = setTimeout(callback, ms)
    return () => clearTimeout(timer)
  },
})

export function appVersion(root: string): string {
  const manifest: unknown = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const version = typeof manifest === 'object' && manifest !== null && 'version' in manifest ? manifest.version : ''
  return String(version)
}
