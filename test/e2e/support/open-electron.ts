import { once } from 'node:events'
import { join } from 'node:path'
import { _electron, type ElectronApplication } from '@playwright/test'
import type { App, Opening } from './app.ts'
import { Lines } from './lines.ts'
import { killBackend } from './open-browser.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

export async function launchElectron(executablePath: string, dataDir: string): Promise<[ElectronApplication, Lines]> {
  const sandbox = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []
  const electron = await _electron.launch({
    executablePath,
    args: [...sandbox, ROOT, '--data', dataDir],
    env: { ...process.env, WHETSTONE_NODE: process.execPath },
  })
  const output = new Lines()
  output.read(electron.process().stdout)
  output.read(electron.process().stderr)
  return [electron, output]
}

export async function openInElectron(executablePath: string, { dataDir, watch }: Opening): Promise<App> {
  let [electron, output] = await launchElectron(executablePath, dataDir)
  let page = await electron.firstWindow()
  watch(page)
  const close = async () => {
    const child = electron.process()
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, 'exit')
    await electron.close()
    await ended
  }
  return {
    host: 'electron',
    dataDir,
    origin: undefined,
    get electron() {
      return electron
    },
    get page() {
      return page
    },
    get output() {
      return output.all
    },
    killBackend: () => killBackend(output),
    restartBackend: () => killBackend(output),
    restart: async () => {
      await close()
      ;[electron, output] = await launchElectron(executablePath, dataDir)
      page = await electron.firstWindow()
      watch(page)
    },
    close,
  }
}
