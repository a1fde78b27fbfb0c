import fs from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { createRouterClient, type RouterClient } from '@orpc/server'
import { v7 } from 'uuid'
import { type Backend, type BackendOptions, startBackend } from '../../electron/backend.ts'
import { noKeychain, openSecrets } from '../../electron/secrets.ts'

export const projectDir = path.resolve(import.meta.dirname, '../..')
export const resources = {
  migrations: path.join(projectDir, 'migrations'),
  sample: path.join(projectDir, 'electron', 'sample'),
}

/** For services that are tested without a backend: a keychain that holds nothing, and no registry to be reached. */
export const notReached = {
  secrets: openSecrets({ dataDir: '', keychain: noKeychain }),
  registry: () => Promise.reject(new Error('There is no registry in this test.')),
}

export type TestBackend = {
  api: RouterClient<Backend['router']>
  backend: Backend
  dataDir: string
  /** The personal space. */
  tenantId: string
  log: string[]
  /** Closes it and starts it again on the same library. */
  restart: () => Promise<TestBackend>
  [Symbol.asyncDispose]: () => Promise<void>
}

/** A folder of the test's own, removed when it ends. */
export function temporaryFolder(): string {
  return fs.mkdtempSync(path.join(os.tmpdir(), 'whetstone-test-'))
}

/** A real backend on a real SQLite file, called without a port: `await using test = await testBackend()`. */
export async function testBackend(over: Partial<BackendOptions> = {}): Promise<TestBackend> {
  const dataDir = over.dataDir ?? temporaryFolder()
  const log: string[] = []
  const options: BackendOptions = {
    dataDir,
    resources,
    clock: Date.now,
    newId: v7,
    home: dataDir,
    platform: process.platform,
    appVersion: '0.0.0-test',
    secrets: openSecrets({ dataDir, keychain: noKeychain }),
    log: line => log.push(line),
    ...over,
  }
  const backend = await startBackend(options)
  const api = createRouterClient(backend.router)
  const info = await api.system.info()
  const tenantId = info.library.state === 'ready' ? ((await api.spaces.list())[0]?.tenantId ?? '') : ''
  return {
    api,
    backend,
    dataDir,
    tenantId,
    log,
    restart: async () => {
      await backend.close()
      return testBackend({ ...over, dataDir })
    },
    [Symbol.asyncDispose]: async () => {
      await backend.close()
      fs.rmSync(dataDir, { recursive: true, force: true })
    },
  }
}
