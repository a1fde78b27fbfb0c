import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, ROOT, test } from './support/app.ts'

/** Tries the doors that only Electron has. */
test.use({ expectsBlocked: true })

const library = (page: Page) => page.getByRole('heading', { name: 'Your skills will be listed here' })

test.beforeEach(async ({ app }) => {
  await expect(library(app.page)).toBeVisible()
})

test.describe('the window, attacked', { tag: '@electron' }, () => {
  test('the window leads nowhere else', async ({ app }) => {
    const { page } = app
    await app.electron?.evaluate(({ BrowserWindow }) => {
      const tried: { url: string; prevented: boolean }[] = []
      Object.assign(globalThis, { tried })
      // After the app's own listener, so that what it decided can be seen.
      BrowserWindow.getAllWindows()[0]?.webContents.on('will-frame-navigate', event => {
        tried.push({ url: event.url, prevented: event.defaultPrevented })
      })
    })
    const reachMain = [
      'https://example.com/',
      'app://whetstone.evil/',
      'app://evil/',
      'mailto:a@b.c',
      'vscode://file/x',
    ]
    // Chromium itself stops these before anybody is asked.
    const stopped = ['file:///etc/passwd', 'data:text/html,gone', 'chrome://version']
    for (const target of [...reachMain, ...stopped]) {
      await page.evaluate(address => {
        window.location.href = address
      }, target)
      await page.evaluate(address => {
        const link = document.createElement('a')
        link.href = address
        document.body.append(link)
        link.click()
        link.remove()
      }, target)
    }
    const tried = () =>
      app.electron?.evaluate((): { url: string; prevented: boolean }[] => Reflect.get(globalThis, 'tried'))
    for (const url of reachMain) await expect.poll(tried).toContainEqual({ url, prevented: true })
    expect((await tried())?.filter(({ prevented }) => !prevented)).toEqual([])
    // Asked of the page itself: Playwright still waits for the navigations that never came.
    expect(await page.evaluate(() => [window.location.host, document.body.textContent])).toEqual([
      'whetstone',
      expect.stringContaining('Your skills will be listed here'),
    ])
  })

  test('no other window opens', async ({ app }) => {
    const opened = await app.page.evaluate(() =>
      ['https://example.com/', 'about:blank', 'app://whetstone/', 'file:///etc/passwd'].map(
        address => window.open(address) === null,
      ),
    )
    expect(opened).toEqual([true, true, true, true])
    expect(await app.electron?.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows().length)).toBe(1)
  })

  test('no permission is given, asked or not', async ({ app }) => {
    const states = await app.page.evaluate(async () => {
      const names = [
        'geolocation',
        'notifications',
        'camera',
        'microphone',
        'clipboard-read',
        'midi',
        'persistent-storage',
      ]
      const known = names.map(async name => {
        const query: Promise<PermissionStatus> = Reflect.apply(navigator.permissions.query, navigator.permissions, [
          { name },
        ])
        return (await query).state
      })
      const asked = [
        Notification.requestPermission(),
        navigator.clipboard.readText().then(
          () => 'granted',
          () => 'denied',
        ),
        navigator.mediaDevices.getUserMedia({ audio: true, video: true }).then(
          () => 'granted',
          () => 'denied',
        ),
        new Promise<string>(resolve =>
          navigator.geolocation.getCurrentPosition(
            () => resolve('granted'),
            () => resolve('denied'),
          ),
        ),
        navigator.storage.persist().then(kept => (kept ? 'granted' : 'denied')),
      ]
      return Promise.all([...known, ...asked])
    })
    expect(new Set(states)).toEqual(new Set(['denied']))
  })

  test('the scheme serves what was built and nothing else', async ({ app }) => {
    const answers = await app.page.evaluate(async () => {
      const paths = [
        '/../package.json',
        '/%2e%2e/package.json',
        '/%2e%2e%2fpackage.json',
        '/assets/%2e%2e%2f%2e%2e%2f%2e%2e%2fpackage.json',
        '/..%5c..%5cpackage.json',
        '/index.html%00.js',
        '/assets/%00',
        '/%ff',
        '//etc/passwd',
        '/main/main.js',
        '/../main/main.js',
      ]
      return Promise.all(
        paths.map(async path => {
          const response = await fetch(`app://whetstone${path}`)
          return {
            path,
            status: response.status,
            type: response.headers.get('content-type'),
            text: await response.text(),
          }
        }),
      )
    })
    for (const { path, status, type, text } of answers) {
      // The page itself, which any address of the app is, or a refusal.
      expect(text, path).not.toMatch(/"dependencies"|root:|whenReady/)
      expect([200, 400, 404], path).toContain(status)
      if (status === 200) expect(type, path).toMatch(/^text\/html/)
    }
    expect(answers.filter(({ status }) => status === 400).length).toBeGreaterThan(4)

    const others = await app.page.evaluate(() =>
      Promise.all(
        ['app://evil/', 'app://whetstone.evil/', 'file:///etc/passwd'].map(address =>
          fetch(address).then(
            response => String(response.status),
            () => 'refused',
          ),
        ),
      ),
    )
    expect(others).toEqual(['refused', 'refused', 'refused'])
    const posted = await app.page.evaluate(async () => (await fetch('app://whetstone/', { method: 'POST' })).status)
    expect(posted).toBe(403)
  })

  test('the page runs in the sandbox, apart from the preload', async ({ app }) => {
    const preferences = await app.electron?.evaluate(({ BrowserWindow }) => {
      const contents = BrowserWindow.getAllWindows()[0]?.webContents
      return Reflect.get(contents ?? {}, 'getLastWebPreferences').call(contents)
    })
    expect(preferences).toMatchObject({
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      nodeIntegrationInSubFrames: false,
      webSecurity: true,
      webviewTag: false,
    })
    // A webview is then an unknown element that does nothing.
    expect(await app.page.evaluate(() => 'getWebContentsId' in document.createElement('webview'))).toBe(false)
  })

  test('a page that is not ours, or a window that is not ours, is given no port', async ({ app }) => {
    const preload = join(ROOT, 'out', 'preload', 'preload.cjs')
    const given = (whose: 'own' | 'another', address: string) =>
      app.electron?.evaluate(
        async ({ BrowserWindow, ipcMain }, [windowOf, wanted, script]) => {
          const another = () => new BrowserWindow({ show: false, webPreferences: { preload: script, sandbox: true } })
          const own = () => BrowserWindow.getAllWindows().sort((a, b) => a.id - b.id)[0]
          const contents = (windowOf === 'own' ? own() : another())?.webContents
          if (contents === undefined) throw new Error('There is no window.')
          let ports = 0
          // What the page before it still asked for is its own business: only what this page is given counts.
          const give = () => {
            if (contents.mainFrame.url === wanted) ports++
          }
          Object.assign(contents, { postMessage: give })
          // Heard after main's own listener, which has decided by then.
          const asked = new Promise<void>(resolve => {
            ipcMain.on('whetstone:ready', event => {
              if (event.sender === contents) resolve()
            })
          })
          await contents.loadURL(wanted)
          await contents.executeJavaScript('window.postMessage({ whetstoneReady: true }, "*"); 0')
          await asked
          return ports
        },
        [whose, address, preload] as const,
      )
    expect(await given('another', 'data:text/html,<p>foreign</p>')).toBe(0)
    expect(await given('another', 'app://whetstone/settings')).toBe(0)
    // Ours, which is given one for each service, unless it shows what is not ours.
    expect(await given('own', 'app://whetstone/settings')).toBeGreaterThanOrEqual(2)
    expect(await given('own', 'data:text/html,<p>foreign</p>')).toBe(0)
  })

  test('a frame inside the page is given no port', async ({ app }) => {
    const ports = await app.page.evaluate(
      () =>
        new Promise<number>(resolve => {
          let ports = 0
          const frame = document.createElement('iframe')
          frame.srcdoc = '<p>inside</p>'
          frame.addEventListener('load', () => {
            const inner = frame.contentWindow
            inner?.addEventListener('message', event => {
              ports += event.ports.length
            })
            // From the frame to the page, as a frame would ask.
            Reflect.apply(Reflect.get(inner ?? {}, 'postMessage'), inner, [{ whetstoneReady: true }, '*'])
            window.addEventListener('message', event => {
              if (event.ports.length > 0) ports += event.ports.length
              if (event.data === 'done') resolve(ports)
            })
            setTimeout(() => window.postMessage('done', '*'))
          })
          document.body.append(frame)
        }),
    )
    expect(ports).toBe(0)
  })
})
