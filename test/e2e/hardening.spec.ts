import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, ROOT, test } from './support/app.ts'
import { serviceOf } from './support/services.ts'

/** Tries to break out of the page, and into it. What the policy blocks here is meant to be blocked. */
test.use({ expectsBlocked: true })

const library = (page: Page) => page.getByRole('heading', { name: 'Your skills will be listed here' })

test.beforeEach(async ({ app }) => {
  await expect(library(app.page)).toBeVisible()
})

test.describe('a script that got into the page', () => {
  test('does not run as an element, a handler, an address or text', async ({ app }) => {
    const blocked = await app.page.evaluate(async () => {
      const seen: string[] = []
      const next = () =>
        new Promise<void>(resolve =>
          document.addEventListener(
            'securitypolicyviolation',
            event => {
              seen.push(event.effectiveDirective)
              resolve()
            },
            { once: true },
          ),
        )
      const put = async (html: string, then?: (element: HTMLElement) => void) => {
        const violated = next()
        const place = document.createElement('div')
        place.append(document.createRange().createContextualFragment(html))
        document.body.append(place)
        const [first] = place.children
        if (first instanceof HTMLElement) then?.(first)
        await violated
        place.remove()
      }
      await put('<script>window.broken = 1</script>')
      await put('<img src="data:," onerror="window.broken = 2">')
      await put('<a href="javascript:window.broken = 3">x</a>', link => link.click())
      await put('<script src="data:text/javascript,window.broken = 4"></script>')
      await put('<script src="https://example.com/x.js"></script>')
      return seen
    })
    expect(blocked).toEqual([
      'script-src-elem',
      'script-src-attr',
      'script-src-elem',
      'script-src-elem',
      'script-src-elem',
    ])
    expect(await app.page.evaluate(() => Reflect.get(window, 'broken'))).toBeUndefined()
  })

  test('cannot make code of text', async ({ app }) => {
    // Not called by the debugger, which the policy does not hold: by a message.
    const outcome = await app.page.evaluate(
      () =>
        new Promise<string[]>(resolve => {
          const { port1, port2 } = new MessageChannel()
          port1.onmessage = () => {
            const tries = [() => Reflect.get(window, 'eval')('1'), () => Reflect.construct(Function, ['return 1'])()]
            resolve(
              tries.map(run => {
                try {
                  return String(run())
                } catch (error) {
                  return error instanceof Error ? error.name : 'other'
                }
              }),
            )
          }
          port2.postMessage(null)
        }),
    )
    expect(outcome).toEqual(['EvalError', 'EvalError'])
  })

  test('reaches no network', async ({ app }) => {
    const blocked = await app.page.evaluate(async () => {
      const seen: string[] = []
      const violated = (start: () => void) =>
        new Promise<void>(resolve => {
          document.addEventListener(
            'securitypolicyviolation',
            event => {
              seen.push(`${event.effectiveDirective} ${new URL(event.blockedURI).host}`)
              resolve()
            },
            { once: true },
          )
          start()
        })
      await violated(() => void fetch('https://example.com/steal').catch(() => {}))
      await violated(() => {
        new Image().src = 'https://example.com/steal.png'
      })
      await violated(() => navigator.sendBeacon('https://example.com/steal', 'x'))
      await violated(() => {
        try {
          new WebSocket('wss://example.com/steal')
        } catch {
          // Some browsers throw besides.
        }
      })
      await violated(() => {
        const frame = document.createElement('iframe')
        frame.src = 'https://example.com/'
        document.body.append(frame)
      })
      return seen
    })
    const directives = ['connect-src', 'img-src', 'connect-src', 'connect-src', 'frame-src']
    expect(blocked).toEqual(directives.map(directive => `${directive} example.com`))
  })

  test('a style without the nonce changes nothing; one with it does', async ({ app }) => {
    const colours = await app.page.evaluate(() => {
      const nonce = document.querySelector<HTMLElement>('meta[property="csp-nonce"]')?.nonce ?? ''
      const probe = document.createElement('p')
      document.body.append(probe)
      return [undefined, 'guessed', nonce].map(value => {
        const style = document.createElement('style')
        if (value !== undefined) style.nonce = value
        style.textContent = 'p { color: rgb(1, 2, 3) !important }'
        document.head.append(style)
        const { color } = getComputedStyle(probe)
        style.remove()
        return color
      })
    })
    expect(colours[0]).not.toBe('rgb(1, 2, 3)')
    expect(colours[1]).not.toBe('rgb(1, 2, 3)')
    expect(colours[2]).toBe('rgb(1, 2, 3)')
  })

  test('sees nothing of Node or Electron', async ({ app }) => {
    const names = await app.page.evaluate(() =>
      ['require', 'process', 'module', 'Buffer', 'global', 'electron', 'ipcRenderer', '__dirname'].filter(
        name => name in window,
      ),
    )
    expect(names).toEqual([])
  })

  test('a frame made by srcdoc shows its text and runs nothing', async ({ app }) => {
    await app.page.evaluate(() => {
      const frame = document.createElement('iframe')
      frame.setAttribute('sandbox', '')
      frame.title = 'probe'
      frame.srcdoc = '<p>words</p><script>parent.broken = 1; document.body.textContent = "ran"</script>'
      document.body.append(frame)
    })
    await expect(app.page.frameLocator('iframe[title=probe]').getByText('words')).toBeVisible()
    expect(await app.page.evaluate(() => Reflect.get(window, 'broken'))).toBeUndefined()
  })

  test('opens nothing but https in the system', async ({ app }) => {
    await app.electron?.evaluate(({ shell }) => {
      const opened: string[] = []
      Object.assign(globalThis, { opened })
      shell.openExternal = async address => {
        opened.push(address)
      }
    })
    const desktop = await serviceOf(app, 'desktop')
    for (const url of [
      'file:///etc/passwd',
      'javascript:alert(1)',
      'smb://host/share',
      'http://example.com/',
      'vscode://file/etc/passwd',
      'https://name:secret@example.com/',
      '\\\\host\\share',
      '',
    ]) {
      expect(await desktop.openExternal({ url }), url).toEqual({ opened: false })
    }
    if (!app.electron) return
    expect(await desktop.openExternal({ url: 'https://example.com/a' })).toEqual({ opened: true })
    expect(await app.electron.evaluate(() => Reflect.get(globalThis, 'opened'))).toEqual(['https://example.com/a'])
  })

  test('sends nonsense to a service and gets an error, not its end', async ({ app }) => {
    const desktop = await serviceOf(app, 'desktop')
    const untyped: Promise<unknown> = Reflect.apply(desktop.openExternal, undefined, [{ url: { toString: 1 } }])
    await expect(untyped).rejects.toMatchObject({ code: 'BAD_REQUEST' })
    expect((await desktop.about()).host).toBe(app.host)
  })
})

test.describe('in Electron', { tag: '@electron' }, () => {
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
          Object.assign(contents, { postMessage: () => ports++ })
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

test.describe('behind the browser host', { tag: '@browser' }, () => {
  test('a page of another server on this machine reaches nothing, though the browser sends it our cookie', async ({
    app,
  }) => {
    const evil = createServer((_request, response) => response.end('<title>evil</title>'))
    await new Promise<void>(resolve => evil.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = evil.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const page = await app.page.context().newPage()
    await page.goto(`http://127.0.0.1:${port}/`)
    const origin = app.origin ?? ''
    const outcomes = await page.evaluate(async target => {
      const socket = await new Promise<string>(resolve => {
        const ws = new WebSocket(`${target.replace('http', 'ws')}/rpc/app`)
        ws.onopen = () => resolve('open')
        ws.onclose = () => resolve('refused')
      })
      const read = await fetch(target, { credentials: 'include' }).then(
        () => 'read',
        () => 'refused',
      )
      const framed = await new Promise<string>(resolve => {
        const frame = document.createElement('iframe')
        frame.src = target
        frame.onload = () => {
          // A refused frame is of another origin too; its title is out of reach, its name is not.
          resolve(frame.contentWindow?.length === 0 ? 'empty' : 'framed')
        }
        document.body.append(frame)
      })
      const script = await new Promise<string>(resolve => {
        const element = document.createElement('script')
        element.src = `${target}/`
        element.onload = () => resolve('loaded')
        element.onerror = () => resolve('refused')
        document.body.append(element)
      })
      return { socket, read, framed, script }
    }, origin)
    expect(outcomes).toMatchObject({ socket: 'refused', read: 'refused', script: 'refused', framed: 'empty' })
    await page.close()
    evil.close()
    await expect(library(app.page)).toBeVisible()
  })

  test('another browser needs a token of its own', async ({ app, browserProcess }) => {
    const used = app.output.join('\n').match(/Whetstone is at (\S+)/)?.[1] ?? ''
    const stranger = await browserProcess?.newContext()
    const page = await stranger?.newPage()
    for (const address of [used, `${app.origin}/`, `${app.origin}/?token=guessed`]) {
      const answer = await page?.goto(address)
      expect(answer?.status(), address).toBe(401)
      expect(await page?.textContent('body')).toContain('printed in the terminal')
    }
    const printed =
      app.output
        .findLast(line => line.startsWith('Whetstone is at '))
        ?.split(' ')
        .at(-1) ?? ''
    expect(printed).not.toBe(used)
    expect((await page?.goto(printed))?.status()).toBe(200)
    // The token is gone from the address and cannot be read by a script.
    expect(page?.url()).not.toContain('token')
    expect(await page?.evaluate(() => document.cookie)).toBe('')
    await stranger?.close()
  })
})
