import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import type { Browser, BrowserContext, Page } from '@playwright/test'
import type { App, Opening } from './app.ts'
import { Lines } from './lines.ts'

const ROOT = join(import.meta.dirname, '..', '..', '..')

/** One run of the browser host on a library. */
export type HostProcess = {
  readonly output: Lines
  /** The address that lets one browser in. */
  readonly address: string
  readonly child: ChildProcess
  close(): Promise<void>
}

/** @param port 0 for any. */
export async function startHost(dataDir: string, port = 0): Promise<HostProcess> {
  const output = new Lines()
  const child = spawn(
    process.execPath,
    [join(ROOT, 'out', 'main', 'browser.js'), '--data', dataDir, '--port', String(port), '--no-open'],
    { stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, WHETSTONE_VERBOSE: '1' } },
  )
  const ended = once(child, 'exit')
  output.read(child.stdout)
  output.read(child.stderr)
  const [, address = ''] = await output.find(/^Whetstone is at (\S+)/, 0, ended)
  return {
    output,
    address,
    child,
    close: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await ended
    },
  }
}

/** Ends a backend's process and waits for what the app says next: another one, or that there will be none. */
export async function killBackend(pid: number, output: Lines, next: 'ready' | 'failed'): Promise<void> {
  const from = output.all.length
  process.kill(pid, 'SIGKILL')
  await output.find(new RegExp(`^backend: ${next}`), from)
}

export async function openInBrowser(browser: Browser, { dataDir, watch }: Opening): Promise<App> {
  let host = await startHost(dataDir)
  const origin = new URL(host.address).origin
  const context: BrowserContext = await browser.newContext({ viewport: { width: 1280, height: 800 } })
  const open = async (address: string): Promise<Page> => {
    const page = await context.newPage()
    watch(page)
    await page.goto(address)
    return page
  }
  let page = await open(host.address)
  return {
    host: 'browser',
    dataDir,
    origin,
    electron: undefined,
    get page() {
      return page
    },
    get output() {
      return host.output.all
    },
    killBackend: then => {
      const pid = Number(host.output.last(/^backend: process (\d+)/)?.[1])
      return killBackend(pid, host.output, then === undefined ? 'ready' : 'failed')
    },
    hostPid: () => host.child.pid,
    address: () => host.output.last(/^Whetstone is at (\S+)/)?.[1] ?? '',
    killHost: async () => {
      const ended = once(host.child, 'exit')
      host.child.kill('SIGKILL')
      await ended
    },
    startHostAgain: async () => {
      host = await startHost(dataDir, Number(new URL(origin).port))
    },
    restart: async () => {
      await page.close()
      await host.close()
      host = await startHost(dataDir, Number(new URL(origin).port))
      page = await open(host.address)
    },
    close: async () => {
      await context.close()
      await host.close()
    },
  }
}
