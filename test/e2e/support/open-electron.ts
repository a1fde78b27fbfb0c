import { once } from 'node:events'
import { join } from 'node:path'
import { _electron, type ElectronApplication } from '@playwright/test'
import type { App, Opening } from './app.ts'
import { Lines } from './lines.ts'
import { killBackend } from './open-browser.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

/** @param more of the environment. */
export async function launchElectron(
  dataDir: string,
  more: Record<string, string> = {},
): Promise<[ElectronApplication, Lines]> {
  // No executablePath: only then does Playwright load what makes the app wait until it is watched. The electron package
  // finds the same binary as `findElectron`.
  const electron = await _electron.launch({
    // Without a graphics card, a page can wait for ever for the process that draws (seen 3 times in 40 starts).
    args: ['--disable-gpu', ROOT, '--data', dataDir],
    env: { ...process.env, WHETSTONE_NODE: process.execPath, WHETSTONE_VERBOSE: '1', ...more },
  })
  const output = new Lines()
  output.read(electron.process().stdout)
  output.read(electron.process().stderr)
  return [electron, output]
}

export async function openInElectron({ dataDir, watch }: Opening): Promise<App> {
  let [electron, output] = await launchElectron(dataDir)
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
    killBackend: async then => killBackend(await backendPid(electron), output, then === undefined ? 'ready' : 'failed'),
    restart: async () => {
      await close()
      ;[electron, output] = await launchElectron(dataDir)
      page = await electron.firstWindow()
      watch(page)
    },
    close,
  }
}

/** The process of the library: Electron's utility process, or main's one child of plain Node. */
export async function backendPid(electron: ElectronApplication): Promise<number> {
  const pid = await electron.evaluate(({ app }) => {
    const utility = app.getAppMetrics().find(metric => metric.name === 'Whetstone library')
    if (utility) return utility.pid
    const handles: unknown = Reflect.get(process, '_getActiveHandles').call(process)
    const children = Array.isArray(handles) ? handles.filter(handle => Array.isArray(handle.spawnargs)) : []
    return Number(children[0]?.pid)
  })
  if (!Number.isInteger(pid)) throw new Error('The backend has no process.')
  return pid
}
