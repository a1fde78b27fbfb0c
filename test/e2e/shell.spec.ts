import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { menuCommand } from '../../shared/contract/desktop.ts'
import { expectAccessible } from './support/accessible.ts'
import { expect, ROOT, test } from './support/app.ts'
import { Lines } from './support/lines.ts'
import { startHost } from './support/open-browser.ts'
import { backendPid, launchElectron } from './support/open-electron.ts'
import { editor, goToEnd, openSampleSkill, saved, typeAtEnd } from './support/skills.ts'

const library = (page: Page) => page.getByRole('heading', { name: 'Your skills will be listed here' })

/** Resolves when the page shows such a text, however short; to be begun before what causes it. */
async function saying(page: Page, text: string): Promise<{ said: Promise<void> }> {
  await page.evaluate(wanted => {
    const shown = () => document.body.textContent.includes(wanted)
    const said = new Promise<void>(resolve => {
      const observer = new MutationObserver(() => {
        if (!shown()) return
        observer.disconnect()
        resolve()
      })
      observer.observe(document.body, { childList: true, subtree: true, characterData: true })
    })
    Object.assign(window, { said })
  }, text)
  return { said: page.evaluate(() => Reflect.get(window, 'said')) }
}

test('opens on an empty library', async ({ app }) => {
  await expect(library(app.page)).toBeVisible()
  await expect(app.page).toHaveTitle(/Whetstone/)
})

test('a reload finds its place again', async ({ app }) => {
  await expect(library(app.page)).toBeVisible()
  await app.page
    .getByRole('link', { name: 'Settings' })
    .or(app.page.getByRole('button', { name: 'Settings' }))
    .click()
  await expect(app.page).toHaveURL(/\/settings$/)
  await app.page.reload()
  await expect(app.page).toHaveURL(/\/settings$/)
  await expect(app.page.getByRole('heading', { name: 'Settings' })).toBeVisible()
})

test('an address that looks like a file is still the page’s own', async ({ app }) => {
  await expect(library(app.page)).toBeVisible()
  await app.page.evaluate(() => history.pushState(null, '', '/nothing/here/SKILL.md?file=references%2Fa.md'))
  await app.page.reload()
  await expect(app.page.getByText('There is nothing at this address')).toBeVisible()
})

test('a backend that is killed is said to be away, and comes back by itself', async ({ app }) => {
  await expect(library(app.page)).toBeVisible()
  const { said } = await saying(app.page, 'Reconnecting…')
  await app.killBackend()
  await said
  await expect(app.page.getByText('On this computer', { exact: true })).toBeVisible()
  // What is asked now is answered by the new one.
  await app.page.getByRole('button', { name: 'Open the sample' }).click()
  await expect(app.page.getByText('pdf-forms').first()).toBeVisible()
})

test('a backend that dies again and again is given up with its reason, until somebody says try again', async ({
  app,
}) => {
  await expect(library(app.page)).toBeVisible()
  for (let death = 1; death <= 4; death++) await app.killBackend()
  await app.killBackend('and does not return')
  const alert = app.page.getByRole('alert').filter({ hasText: 'could not be started again' })
  await expect(alert).toContainText('SIGKILL')
  await alert.getByRole('button', { name: 'Try again' }).click()
  await expect(alert).toBeHidden()
  await expect(app.page.getByText('On this computer', { exact: true })).toBeVisible()
})

test('what is in the library is there after a restart', async ({ app }) => {
  await app.page.getByRole('button', { name: 'Open the sample' }).click()
  await expect(app.page.getByText('pdf-forms').first()).toBeVisible()
  await app.restart()
  await expect(app.page.getByText('pdf-forms').first()).toBeVisible()
})

test.describe('the window', { tag: '@electron' }, () => {
  test('opens where and as it was left', async ({ app }) => {
    await expect(library(app.page)).toBeVisible()
    const bounds = { x: 40, y: 30, width: 900, height: 620 }
    await app.electron?.evaluate(
      ({ BrowserWindow }, wanted) => BrowserWindow.getAllWindows()[0]?.setBounds(wanted),
      bounds,
    )
    await app.restart()
    await expect(library(app.page)).toBeVisible()
    const now = await app.electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.getBounds())
    expect(now).toEqual(bounds)
  })

  test('keeps the colour scheme for its first paint', async ({ app }) => {
    await app.page.goto('app://whetstone/settings')
    await app.page.getByText('Dark', { exact: true }).click()
    const state = join(app.dataDir, 'window', 'window-state.json')
    await expect(async () => expect(JSON.parse(await readFile(state, 'utf8')).colorScheme).toBe('dark')).toPass()
    await app.restart()
    const source = await app.electron?.evaluate(({ nativeTheme }) => nativeTheme.themeSource)
    expect(source).toBe('dark')
  })

  test('a second start shows the first window and ends', async ({ app }) => {
    await expect(library(app.page)).toBeVisible()
    await app.electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.hide())
    const told = app.electron?.evaluate(
      ({ app: main }) => new Promise<void>(done => main.once('second-instance', () => done())),
    )
    const program = await app.electron?.evaluate(() => process.execPath)
    const sandbox = process.platform === 'linux' ? ['--no-sandbox'] : []
    const second = spawn(program ?? '', ['--disable-gpu', ...sandbox, ROOT, '--data', app.dataDir], { stdio: 'ignore' })
    const [code] = await once(second, 'exit')
    await told
    expect(code).toBe(0)
    const visible = await app.electron?.evaluate(({ BrowserWindow }) =>
      BrowserWindow.getAllWindows().map(one => one.isVisible()),
    )
    expect(visible).toEqual([true])
  })

  test('every command of the contract is in the menu, with its shortcut, and reaches the page', async ({ app }) => {
    await expect(library(app.page)).toBeVisible()
    const items = await app.electron?.evaluate(({ Menu }) =>
      (Menu.getApplicationMenu()?.items ?? []).flatMap(menu =>
        (menu.submenu?.items ?? []).map(({ label, accelerator }) => ({
          label,
          accelerator: String(accelerator ?? ''),
        })),
      ),
    )
    const labels = [
      'New skill…',
      'Import…',
      'Search, or jump to…',
      'Settings…',
      'Save version…',
      'Back',
      'Forward',
      'Find…',
    ]
    expect(labels).toHaveLength(menuCommand.options.length)
    for (const label of labels) expect(items?.find(item => item.label === label)?.accelerator).toBeTruthy()

    const choose = (label: string) =>
      app.electron?.evaluate(({ Menu }, wanted) => {
        const all = (Menu.getApplicationMenu()?.items ?? []).flatMap(menu => menu.submenu?.items ?? [])
        all.find(item => item.label === wanted)?.click()
      }, label)
    await choose('Settings…')
    await expect(app.page).toHaveURL(/\/settings$/)
    await choose('Import…')
    await expect(app.page.getByRole('dialog')).toBeVisible()
  })

  test('comes back when its page dies', async ({ app }) => {
    await expect(library(app.page)).toBeVisible()
    const back = app.electron?.evaluate(
      ({ BrowserWindow }) =>
        new Promise<string>(done => {
          const contents = BrowserWindow.getAllWindows()[0]?.webContents
          contents?.once('did-finish-load', async () => done(await contents.executeJavaScript('document.title')))
          contents?.forcefullyCrashRenderer()
        }),
    )
    expect(await back).toContain('Whetstone')
  })

  test('ends with its backend', async ({ app }) => {
    await expect(library(app.page)).toBeVisible()
    const [second, output] = await launchElectron(join(app.dataDir, 'another'))
    await output.find(/^backend: ready/)
    const backend = await backendPid(second)
    const ended = once(second.process(), 'exit')
    await second.evaluate(({ app: main }) => void setImmediate(() => main.quit()))
    expect(await ended).toEqual([0, null])
    expect(() => process.kill(backend, 0)).toThrow()
  })

  test('ends by the signals that a terminal and logging out send, with its library closed', async ({ app }) => {
    test.skip(process.platform === 'win32', 'Windows has no such signals')
    await expect(library(app.page)).toBeVisible()
    for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) {
      const dataDir = join(app.dataDir, signal)
      const [second, output] = await launchElectron(dataDir)
      await output.find(/^backend: ready/)
      const backend = await backendPid(second)
      const ended = once(second.process(), 'exit')
      second.process().kill(signal)
      expect(await ended, signal).toEqual([0, null])
      expect(isAlive(backend), signal).toBe(false)
      // SQLite takes the log of its writes away when the last connection is closed, and not when its process dies.
      expect(await readdir(dataDir), signal).not.toContain('library.db-wal')
      expect(output.all.join('\n'), signal).not.toContain('Failed to shutdown')
    }
  })

  test('a display that goes away ends it and its backend, and nothing is lost', async ({ app }) => {
    const display = await startDisplay()
    test.skip(display === undefined, 'no Xvfb to take away')
    if (!display) return
    await expect(library(app.page)).toBeVisible()
    const dataDir = join(app.dataDir, 'another')
    const [second] = await launchElectron(dataDir, { DISPLAY: display.name })
    try {
      const page = await second.firstWindow()
      await openSampleSkill(page, 'pdf-forms')
      await typeAtEnd(page, 'Typed before the display went.')
      await saved(page)
      const backend = await backendPid(second)
      const ended = once(second.process(), 'exit')
      display.stop()
      await ended
      // An Electron from before August 2026 ends itself at once here, with 'Failed to shutdown' (electron/electron#52603): no
      // code of ours runs any more, so what counts is that nothing is left running, and nothing lost.
      await expect.poll(() => isAlive(backend)).toBe(false)
    } finally {
      display.stop()
    }
    const [third] = await launchElectron(dataDir)
    const page = await third.firstWindow()
    // Which library was open may not have reached the disk: that is Chromium's to keep.
    const sample = page.getByRole('button', { name: 'Open the sample' })
    await expect(sample.or(page.getByText('pdf-forms').first())).toBeVisible()
    if (await sample.isVisible()) await sample.click()
    await page.getByText('pdf-forms').first().click()
    await goToEnd(page)
    await expect(editor(page)).toContainText('Typed before the display went.')
    await third.close()
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

/** A display of this test's own; undefined where there is no Xvfb. */
async function startDisplay(): Promise<{ name: string; stop: () => void } | undefined> {
  const child = spawn('Xvfb', ['-displayfd', '3', '-noreset', '-nolisten', 'tcp', '-screen', '0', '1280x1024x24'], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  })
  const told = child.stdio[3]
  const number = new Promise<string | undefined>(resolve => {
    child.once('error', () => resolve(undefined))
    child.once('exit', () => resolve(undefined))
    told?.once('data', data => resolve(String(data).trim()))
  })
  const found = await number
  return found === undefined ? undefined : { name: `:${found}`, stop: () => child.kill('SIGKILL') }
}

test.describe('the browser host', { tag: '@browser' }, () => {
  test('a page that is open says so when the host has started again, and goes on by the new link', async ({ app }) => {
    await expect(library(app.page)).toBeVisible()
    const { said } = await saying(app.page, 'Reconnecting…')
    await app.killHost?.()
    await said
    // Nothing restarts it: the page says what does, and that it waits.
    const stopped = app.page.getByRole('alert').filter({ hasText: 'Whetstone isn’t running.' })
    await expect(stopped).toContainText(`--port ${new URL(app.page.url()).port}`)
    await app.startHostAgain?.()
    await expect(notConnected(app.page)).toBeVisible()
    await expectAccessible(app.page)
    // In the same tab this only changes the fragment.
    await app.page.goto(app.address?.() ?? '')
    await expect(app.page.getByText('On this computer', { exact: true })).toBeVisible()
    expect(app.page.url()).not.toContain('token')
    await app.page.getByRole('button', { name: 'Open the sample' }).click()
    await expect(app.page.getByText('pdf-forms').first()).toBeVisible()
  })

  test('a reload, and a second tab beside a connected one, come in by themselves', async ({ app }) => {
    await app.page.goto(`${app.origin}/settings`)
    const settings = (page: Page) => page.getByRole('heading', { name: 'This browser' })
    await expect(settings(app.page)).toBeVisible()
    await app.page.reload()
    await expect(settings(app.page)).toBeVisible()
    const second = await app.page.context().newPage()
    await second.goto(`${app.origin}/settings`)
    await expect(settings(second)).toBeVisible()
    // With nobody to ask, a tab says that it isn’t connected, and comes in once another does.
    const stranger = await app.page.context().browser()?.newContext()
    if (!stranger) throw new Error('there is no browser')
    const [alone, other] = [await stranger.newPage(), await stranger.newPage()]
    await alone.goto(`${app.origin}/settings`)
    await expect(notConnected(alone)).toBeVisible()
    await other.goto(await copiedLink(app.page))
    await expect(settings(alone)).toBeVisible()
    await stranger.close()
  })

  test('a link for another tab works once', async ({ app }) => {
    await app.page.goto(`${app.origin}/settings`)
    const link = await copiedLink(app.page)
    const contexts = await Promise.all([0, 1].map(() => app.page.context().browser()?.newContext()))
    const pages = await Promise.all(contexts.map(context => context?.newPage()))
    for (const [index, page] of pages.entries()) {
      await page?.goto(link)
      if (page)
        await expect(index === 0 ? page.getByText('On this computer').first() : notConnected(page)).toBeVisible()
    }
    for (const context of contexts) await context?.close()
  })

  test('disconnecting ends every tab of this browser, and a reload does not bring it back', async ({ app }) => {
    const second = await app.page.context().newPage()
    await app.page.goto(`${app.origin}/settings`)
    // A tab without a link is let in by one that is connected.
    await expect(app.page.getByRole('heading', { name: 'This browser' })).toBeVisible()
    await second.goto(`${app.origin}/settings`)
    await expect(second.getByRole('heading', { name: 'This browser' })).toBeVisible()
    const secret = await second.evaluate(() => sessionStorage.getItem('whetstone-session') ?? '')
    const printed = app.address?.()
    await app.page.getByRole('button', { name: 'Disconnect this browser' }).click()
    await expect(notConnected(app.page)).toBeVisible()
    await expect(notConnected(second)).toBeVisible()
    for (const page of [app.page, second]) {
      await page.reload()
      await expect(notConnected(page)).toBeVisible()
    }
    // What was copied out of the tab before is worth nothing now.
    const code = await second.evaluate(
      said =>
        new Promise<number>(resolve => {
          const socket = new WebSocket(`ws://${window.location.host}/rpc/app`)
          socket.onopen = () => socket.send(said)
          socket.onclose = event => resolve(event.code)
          socket.onmessage = () => resolve(0)
        }),
      secret,
    )
    expect(code).toBe(4401)
    const fresh = app.address?.() ?? ''
    expect(fresh).not.toBe(printed)
    await app.page.goto(fresh)
    await expect(library(app.page)).toBeVisible()
    await expect(second.getByRole('heading', { name: 'This browser' })).toBeVisible()
  })

  test('ends by Ctrl-C, with its backend', async ({ app }) => {
    await app.close()
    const host = await startHost(join(app.dataDir, 'another'))
    await host.output.find(/^backend: ready/)
    const pid = Number(host.output.last(/^backend: process (\d+)/)?.[1])
    const ended = once(host.child, 'exit')
    host.child.kill('SIGINT')
    expect(await ended).toEqual([0, null])
    expect(() => process.kill(pid, 0)).toThrow()
  })

  test('a port that is taken, or is none, is a sentence', async ({ app }) => {
    const port = new URL(app.origin ?? '').port
    for (const [wrong, sentence] of [
      [port, `Port ${port} is taken`],
      ['99999', '99999 is no port number'],
    ] as const) {
      const { code, output } = await start(['--browser', '--port', wrong, '--data', join(app.dataDir, 'another')])
      expect(code).toBe(1)
      expect(output).toContain(sentence)
      expect(output).not.toMatch(/\n {4}at /)
    }
  })

  test('npm start says in a sentence why there is no window, and serves', async ({ app }) => {
    await app.close()
    const env = { ...process.env, DISPLAY: '', WAYLAND_DISPLAY: '', ELECTRON_OVERRIDE_DIST_PATH: '' }
    test.skip(process.platform !== 'linux', 'elsewhere there is always a display')
    const child = spawn(process.execPath, [START, '--data', join(app.dataDir, 'another')], { env })
    const output = new Lines()
    output.read(child.stdout)
    output.read(child.stderr)
    const ended = once(child, 'exit')
    await output.find(/^Whetstone is at http:\/\/127\.0\.0\.1:\d+\/#token=/, 0, ended)
    child.kill('SIGINT')
    await ended
    expect(output.all.filter(line => line.includes('served to a browser instead'))).toEqual([
      'There is no display, so Whetstone is served to a browser instead.',
    ])
  })
})

const notConnected = (page: Page) => page.getByRole('heading', { name: 'This tab isn’t connected' })

/** What the button of the settings puts on the clipboard. */
async function copiedLink(page: Page): Promise<string> {
  await page.getByRole('button', { name: 'Copy link for another tab' }).click()
  await expect(page.getByText('Link copied')).toBeVisible()
  // The page may write to the clipboard, never read it: a person pastes.
  await page.evaluate(() => {
    const field = Object.assign(document.createElement('input'), { id: 'pasted' })
    document.body.append(field)
    field.focus()
  })
  await page.keyboard.press('ControlOrMeta+V')
  return page.locator('#pasted').inputValue()
}

const START = join(ROOT, 'electron', 'entry', 'start.mjs')

async function start(args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [START, ...args, '--no-open'])
  const output = new Lines()
  output.read(child.stdout)
  output.read(child.stderr)
  const [code] = await once(child, 'close')
  return { code, output: output.all.join('\n') }
}
