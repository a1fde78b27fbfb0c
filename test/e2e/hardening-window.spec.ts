import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'
import { join } from 'node:path'
import type { Page } from '@playwright/test'
import { expect, ROOT, test } from './support/app.ts'
import { serviceOf } from './support/services.ts'

/** Tries the doors that only Electron has. */
test.use({ expectsBlocked: true, together: true })

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

  test('about:blank leads the window back to where it was, by whatever way', async ({ app }) => {
    const ways = [
      "location.href = 'about:blank'",
      "location.replace('about:blank#x')",
      "document.body.append(Object.assign(document.createElement('a'), { href: 'about:blank', id: 'out' })); out.click()",
      "window.open('about:blank', '_self')",
    ]
    for (const way of ways) {
      const went = await app.electron?.evaluate(({ BrowserWindow }, script) => {
        const contents = BrowserWindow.getAllWindows()[0]?.webContents
        if (contents === undefined) throw new Error('There is no window.')
        return new Promise<string[]>(resolve => {
          const addresses: string[] = []
          const note = (_event: unknown, address: string) => {
            addresses.push(address)
            if (addresses.length < 2) return
            contents.off('did-navigate', note)
            resolve(addresses)
          }
          contents.on('did-navigate', note)
          const leave = `history.pushState(null, '', '/settings'); setTimeout(() => { ${script} }, 0); 0`
          contents.executeJavaScript(leave).catch(() => {})
        })
      }, way)
      expect(went?.map(address => address.split('#')[0])).toEqual(['about:blank', 'app://whetstone/settings'])
    }
    await expect(app.page.getByRole('heading', { name: 'Health' })).toBeVisible()
  })

  test('WebRTC sends nothing, over UDP or TCP', async ({ app }) => {
    let packets = 0
    const udp = createSocket('udp4').on('message', () => packets++)
    await new Promise<void>(resolve => udp.bind(0, '127.0.0.1', resolve))
    const tcp = createServer(socket => {
      packets++
      socket.destroy()
    })
    await new Promise<void>(resolve => tcp.listen(0, '127.0.0.1', resolve))
    const at = tcp.address()
    const ports = { udp: udp.address().port, tcp: typeof at === 'object' ? (at?.port ?? 0) : 0 }
    const candidates = await app.page.evaluate(async ({ udp, tcp }) => {
      const login = { username: 'a', credential: 'b' }
      const connection = new RTCPeerConnection({
        iceServers: [
          { urls: `stun:127.0.0.1:${udp}` },
          { urls: `turn:127.0.0.1:${udp}?transport=udp`, ...login },
          { urls: `turn:127.0.0.1:${tcp}?transport=tcp`, ...login },
        ],
      })
      const found: string[] = []
      const gathered = new Promise<void>(resolve => {
        connection.addEventListener('icecandidate', ({ candidate }) => {
          if (candidate === null) resolve()
          else found.push(candidate.candidate)
        })
      })
      connection.createDataChannel('out')
      await connection.setLocalDescription(await connection.createOffer())
      await gathered
      connection.close()
      return found
    }, ports)
    expect(candidates).toEqual([])
    expect(packets).toBe(0)
    // The control: what listens hears who does come.
    const heard = new Promise<void>(resolve => udp.once('message', () => resolve()))
    createSocket('udp4').send('x', ports.udp, '127.0.0.1')
    await heard
    udp.close()
    tcp.close()
  })

  test('no permission is given, asked or not, by whatever name', async ({ app }) => {
    const states = await app.page.evaluate(async () => {
      const names = [
        'accelerometer',
        'ambient-light-sensor',
        'background-fetch',
        'background-sync',
        'camera',
        'captured-surface-control',
        'clipboard-read',
        'clipboard-write',
        'display-capture',
        'geolocation',
        'gyroscope',
        'idle-detection',
        'keyboard-lock',
        'local-fonts',
        'local-network-access',
        'magnetometer',
        'microphone',
        'midi',
        'nfc',
        'notifications',
        'payment-handler',
        'periodic-background-sync',
        'persistent-storage',
        'pointer-lock',
        'push',
        'screen-wake-lock',
        'speaker-selection',
        'storage-access',
        'system-wake-lock',
        'top-level-storage-access',
        'window-management',
      ]
      const known = names.map(async name => {
        try {
          const wanted =
            name === 'midi' ? { name, sysex: true } : name === 'push' ? { name, userVisibleOnly: true } : { name }
          const query: Promise<PermissionStatus> = Reflect.apply(navigator.permissions.query, navigator.permissions, [
            wanted,
          ])
          return [name, (await query).state]
        } catch (error) {
          // A name that this version of Chromium does not know.
          return [name, error instanceof Error ? error.name : 'other']
        }
      })
      const given = (name: string, ask: () => Promise<unknown>) =>
        Promise.resolve()
          .then(ask)
          .then(
            () => [name, 'granted'],
            () => [name, 'denied'],
          )
      const device = (name: string, method: string, input: unknown) =>
        given(name, async () => {
          const api: unknown = Reflect.get(navigator, name)
          const ask: unknown = Reflect.get(Object(api), method)
          if (typeof ask !== 'function') throw new Error('There is no such thing.')
          const found: unknown = await Reflect.apply(ask, api, [input])
          if (Array.isArray(found) && found.length === 0) throw new Error('Nothing was given.')
          return found
        })
      const asked = [
        Notification.requestPermission().then(state => ['notification', state]),
        given('readText', () => navigator.clipboard.readText()),
        given('read', () => navigator.clipboard.read()),
        given('media', () => navigator.mediaDevices.getUserMedia({ audio: true, video: true })),
        given('screen', () => navigator.mediaDevices.getDisplayMedia()),
        given('location', () => new Promise((done, fail) => navigator.geolocation.getCurrentPosition(done, fail))),
        given('persist', async () => {
          if (!(await navigator.storage.persist())) throw new Error('no')
        }),
        given('midi', () => navigator.requestMIDIAccess({ sysex: true })),
        device('usb', 'requestDevice', { filters: [] }),
        device('hid', 'requestDevice', { filters: [] }),
        device('serial', 'requestPort', {}),
        device('bluetooth', 'requestDevice', { acceptAllDevices: true }),
        device('usb', 'getDevices', undefined),
        device('hid', 'getDevices', undefined),
        device('serial', 'getPorts', undefined),
      ]
      return Promise.all([...known, ...asked])
    })
    for (const [name, state] of states) expect(state, name).toMatch(/^(denied|TypeError|NotSupportedError)$/)
    // Most of them this version knows, so that the list is about something.
    expect(states.filter(([, state]) => state === 'denied').length).toBeGreaterThan(25)
  })

  test('the copy button still copies, which asks main and not Chromium', async ({ app }) => {
    const desktop = await serviceOf(app, 'desktop')
    expect(await desktop.copyText({ text: 'copied words' })).toEqual({ copied: true })
    expect(await app.electron?.evaluate(({ clipboard }) => clipboard.readText())).toBe('copied words')
  })

  test('a program is allowed in a dialog of the system alone, and refused by default', async ({ app }) => {
    const [api, desktop] = [await serviceOf(app, 'app'), await serviceOf(app, 'desktop')]
    const answerWith = (button: number) =>
      app.electron?.evaluate(({ dialog }, response) => {
        const asked: unknown[] = []
        Object.assign(globalThis, { asked })
        Object.assign(dialog, {
          showMessageBox: (...all: unknown[]) => {
            asked.push(all.at(-1))
            return Promise.resolve({ response, checkboxChecked: false })
          },
        })
      }, button)
    const command = await api.agentCommands.save({
      name: 'Agent',
      argv: ['id'],
      form: 'text',
      layout: '.claude/skills',
      variables: [],
      timeLimitMs: 10_000,
    })
    const consented = async () => (await api.agentCommands.list()).map(one => one.consented)
    await answerWith(0)
    expect(await desktop.askToAllow({ text: command.text })).toMatchObject({ state: 'refused' })
    expect(await consented()).toEqual([false])
    expect(await app.electron?.evaluate(() => Reflect.get(globalThis, 'asked'))).toMatchObject([
      { detail: command.text, defaultId: 0, cancelId: 0 },
    ])
    await answerWith(1)
    // To another text than the command's: kept, and worth nothing to it.
    expect(await desktop.askToAllow({ text: `${command.text}!` })).toEqual({ state: 'allowed' })
    expect(await consented()).toEqual([false])
    expect(await desktop.askToAllow({ text: 'Run: \u202egnp.exe' })).toMatchObject({ state: 'refused' })
    expect(await desktop.allowByCode({ code: '12345678' })).toMatchObject({ state: 'refused' })
    expect(await desktop.askToAllow({ text: command.text })).toEqual({ state: 'allowed' })
    expect(await consented()).toEqual([true])
  })

  test('a malformed message on either port ends that port alone', async ({ app }) => {
    const { page } = app
    const outcome = await page.evaluate(async () => {
      const ports = new Map<string, MessagePort>()
      const both = new Promise<void>(resolve => {
        window.addEventListener('message', event => {
          const [port] = event.ports
          if (port === undefined || typeof event.data?.whetstonePort !== 'string') return
          ports.set(event.data.whetstonePort, port)
          if (ports.size === 2) resolve()
        })
      })
      window.postMessage({ whetstoneReady: true }, window.location.origin)
      await both
      const frames: unknown[] = [
        'hello',
        '{"i":"1"',
        'null',
        new Uint8Array([0xff, 0, 1]),
        new Map([['i', 1]]),
        { i: 'x', p: { u: { startsWith: 1 } } },
        '{"__proto__":{"polluted":1},"i":"1","p":{}}',
        `${'['.repeat(100_000)}${']'.repeat(100_000)}`,
        new Blob(['x']),
        undefined,
        1n,
      ]
      for (const port of ports.values()) {
        port.start()
        for (const frame of frames) port.postMessage(frame)
      }
      return [...ports.keys()].sort()
    })
    expect(outcome).toEqual(['app', 'desktop'])
    // A page that asks anew is served by the same processes.
    await page.reload()
    await expect(library(page)).toBeVisible()
    const desktop = await serviceOf(app, 'desktop')
    expect((await desktop.about()).host).toBe('electron')
    expect(app.output.filter(line => /^backend: (restarting|failed)/.test(line))).toEqual([])
    expect(app.output.some(line => line.startsWith('A connection was closed'))).toBe(true)
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

test.describe('a window that was given away', { tag: '@electron' }, () => {
  test.use({ together: false })

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
})
