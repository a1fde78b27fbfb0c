import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { WebSocket as Socket } from 'ws'
import { expect, test } from './support/app.ts'
import { serviceOf } from './support/services.ts'

/** Tries the doors that only the browser host has. */
test.use({ expectsBlocked: true, together: true })

const library = (page: Page) => page.getByRole('heading', { name: 'Your skills will be listed here' })
const notConnected = (page: Page) => page.getByRole('heading', { name: 'This tab isn’t connected' })

test.beforeEach(async ({ app }) => {
  await expect(library(app.page)).toBeVisible()
})

/** What a socket that claims to be the page gets to hear: the code it was closed with, or its first message. */
async function knock(origin: string, headers: Record<string, string>, words: string): Promise<number | string> {
  const socket = new Socket(`${origin.replace('http', 'ws')}/rpc/app`, { headers, origin })
  const heard = new Promise<number | string>(resolve => {
    socket.on('message', data => resolve(String(data)))
    socket.on('close', code => resolve(code))
    socket.on('error', () => {})
  })
  await once(socket, 'open')
  socket.send(words)
  return heard.finally(() => socket.terminate())
}

test.describe('the browser host, attacked', { tag: '@browser' }, () => {
  test('another server of this machine, opened in the same browser, gets nothing that lets it in', async ({ app }) => {
    const seen: IncomingHttpHeaders[] = []
    const addresses: string[] = []
    const evil = createServer((request, response) => {
      seen.push(request.headers)
      addresses.push(request.url ?? '')
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>evil</title><script src="/x.js"></script>')
    })
    await new Promise<void>(resolve => evil.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = evil.address()
    const there = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`
    const origin = app.origin ?? ''
    const page = await app.page.context().newPage()
    await page.goto(`${there}/`)
    // By a link and from the app's own tab, too: whatever a browser tells the place it goes to.
    await app.page.evaluate(target => window.open(target, '_blank', 'noopener'), there).catch(() => {})
    // What its page can find out by itself: stored things, other tabs, the app's page in a frame or a window.
    const found = await page.evaluate(async target => {
      const heard: string[] = []
      const channel = new BroadcastChannel('whetstone-tabs')
      channel.onmessage = event => heard.push(JSON.stringify(event.data))
      channel.postMessage({ asks: 'evil' })
      channel.postMessage({ entered: true })
      const opened = window.open(target)
      const stored = [...Object.entries(sessionStorage), ...Object.entries(localStorage)].flat()
      const read = await fetch(target, { credentials: 'include' }).then(
        response => response.text(),
        () => 'refused',
      )
      // As long as another tab of the app itself would wait for an answer.
      await new Promise(resolve => setTimeout(resolve, 700))
      let reached = ''
      try {
        reached = opened?.sessionStorage.getItem('whetstone-session') ?? ''
      } catch {
        reached = ''
      }
      opened?.close()
      return { heard, stored, cookie: document.cookie, read, reached, databases: (await indexedDB.databases()).length }
    }, origin)
    expect(found).toEqual({ heard: [], stored: [], cookie: '', read: 'refused', reached: '', databases: 0 })
    expect(await app.page.context().cookies()).toEqual([])
    expect(seen.length).toBeGreaterThan(1)
    for (const headers of seen) expect(Object.keys(headers)).not.toEqual(expect.arrayContaining(['cookie']))

    // With everything that the browser gave it, said in every place, its server connects as if it were the page.
    const token = app.output.join('\n').match(/#token=(\S+)/)?.[1] ?? ''
    const known = await app.page.evaluate(() => sessionStorage.getItem('whetstone-session') ?? '')
    const { secret } = JSON.parse(known)
    const given = [JSON.stringify(seen), ...addresses].join('\n')
    for (const secretOf of [secret, token]) expect(given).not.toContain(secretOf)
    for (const headers of seen) {
      const copied = { cookie: headers.cookie ?? '', authorization: headers.authorization ?? '' }
      for (const words of ['{}', '{"i":"1","p":{"u":"/system/info"}}', JSON.stringify({ secret: 'A'.repeat(43) })]) {
        expect(await knock(origin, copied, words)).toBe(4401)
      }
    }
    // The control: what it did not get is what would have let it in.
    expect(await knock(origin, {}, known)).toBe('welcome')
    await page.close()
    evil.close()
    await expect(library(app.page)).toBeVisible()
  })

  test('a script with the page’s own session cannot allow a program: the code is in the terminal alone', async ({
    app,
  }) => {
    const [api, desktop] = [await serviceOf(app, 'app'), await serviceOf(app, 'desktop')]
    const command = await api.agentCommands.save({
      name: 'Evil',
      argv: ['id'],
      form: 'text',
      layout: '.claude/skills',
      variables: [],
      timeLimitMs: 10_000,
    })
    // There is no such method any more, by whatever name.
    for (const name of ['consent', 'allow', 'allowProgram']) {
      const call: unknown = Reflect.get(Object(api.agentCommands), name)
      const answer: Promise<unknown> = Reflect.apply(Object(call), undefined, [{ id: command.id, hash: command.hash }])
      await expect(answer).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
    expect(await desktop.askToAllow({ text: command.text })).toEqual({ state: 'code', digits: 8, triesLeft: 5 })
    for (let guess = 0; guess < 5; guess++) {
      expect((await desktop.allowByCode({ code: String(guess).padStart(8, '0') })).state).toMatch(/code|refused/)
    }
    // Five wrong ones end it; so do questions without end.
    for (let time = 0; time < 25; time++) await desktop.askToAllow({ text: `Run: ${time}` })
    expect(await desktop.askToAllow({ text: command.text })).toMatchObject({ state: 'refused' })
    const [listed] = await api.agentCommands.list()
    expect(listed).toMatchObject({ name: 'Evil', consented: false })
    expect(app.output.filter(line => line.startsWith('To allow it')).length).toBeLessThanOrEqual(20)
  })

  test('frames that cannot be read, too many or too large end their own socket: host, backend and page go on', async ({
    app,
  }) => {
    const origin = app.origin ?? ''
    const hello = await app.page.evaluate(() => sessionStorage.getItem('whetstone-session') ?? '')
    const call = (id: number, path: string) => JSON.stringify({ i: String(id), p: { u: path, b: { json: {} } } })
    const attacks: Record<string, (string | Buffer)[]> = {
      'no JSON': ['hello'],
      'JSON that is cut short': ['{"i":"1","p":{"u":"/about"'],
      null: ['null'],
      'an address that is none': ['{"i":"1","p":{"u":"http://["}}'],
      bytes: [randomBytes(5_000)],
      'prototype keys': [
        '{"__proto__":{"x":1},"i":"__proto__","p":{"u":"/__proto__/constructor","b":{"json":{"__proto__":{}}}}}',
      ],
      'deep JSON': [`{"i":"1","p":{"u":"/about","b":{"json":${'['.repeat(500_000)}${']'.repeat(500_000)}}}}`],
      'a flood of streams': Array.from({ length: 6_000 }, (_, id) => call(id, '/backend')),
      'a flood of changes': Array.from({ length: 6_000 }, (_, id) => call(id, '/system/changes')),
      'aborts of nothing': Array.from({ length: 1_000 }, (_, id) => `{"i":"${id}","t":4}`),
      'one id again and again': Array.from({ length: 1_000 }, () => call(1, '/about')),
      '170 MB': [Buffer.alloc(170 * 1024 * 1024, 'x')],
    }
    for (const [name, frames] of Object.entries(attacks)) {
      for (const service of ['app', 'desktop']) {
        const socket = new Socket(`${origin.replace('http', 'ws')}/rpc/${service}`, { origin })
        socket.on('error', () => {})
        await once(socket, 'open')
        socket.send(hello)
        await once(socket, 'message')
        const closed = new Promise<void>(resolve => socket.on('close', () => resolve()))
        for (const frame of frames) socket.send(frame, () => {})
        // What is let go by ends with us; its answers came or did not.
        socket.ping()
        await Promise.race([closed, once(socket, 'pong')])
        socket.terminate()
        expect(await knock(origin, {}, hello), `${name} on ${service}`).toBe('welcome')
      }
    }
    const [api, desktop] = [await serviceOf(app, 'app'), await serviceOf(app, 'desktop')]
    expect((await desktop.about()).host).toBe('browser')
    expect((await api.system.info()).library.state).toBe('ready')
    // Neither of them was started again for it.
    expect(app.output.filter(line => /^backend: (restarting|failed)/.test(line))).toEqual([])
    expect(app.output.filter(line => line.startsWith('backend: process'))).toHaveLength(1)
    expect(app.output.some(line => line.startsWith('A connection was closed'))).toBe(true)
    await expect(library(app.page)).toBeVisible()
  })

  test('a page of another server on this machine reaches nothing by itself', async ({ app }) => {
    const evil = createServer((_request, response) => {
      response.writeHead(200, { 'content-type': 'text/html' }).end('<title>evil</title>')
    })
    await new Promise<void>(resolve => evil.listen(0, '127.0.0.1', resolve))
    const address: AddressInfo | string | null = evil.address()
    const port = typeof address === 'object' ? address?.port : undefined
    const context = app.page.context()
    const page = await context.newPage()
    await page.goto(`http://127.0.0.1:${port}/`)
    const origin = app.origin ?? ''
    // The app's own tab notes whatever is said to it.
    await app.page.evaluate(() => {
      const heard: string[] = []
      Object.assign(window, { heard })
      window.addEventListener('message', event => heard.push(event.origin))
    })
    const secret = await app.page.evaluate(() => sessionStorage.getItem('whetstone-session') ?? 'none')
    const outcomes = await page.evaluate(async target => {
      const ends = (socket: WebSocket, words?: string) =>
        new Promise<string>(resolve => {
          socket.onopen = () => (words === undefined ? resolve('open') : socket.send(words))
          socket.onmessage = event => resolve(`heard ${event.data}`)
          socket.onclose = () => resolve('refused')
        })
      const ws = target.replace('http', 'ws')
      const sockets = [
        await ends(new WebSocket(`${ws}/rpc/app`)),
        await ends(new WebSocket(`${ws}/rpc/desktop`)),
        await ends(new WebSocket(`${ws}/rpc/app`, ['whetstone']), JSON.stringify({ secret: 'A'.repeat(43) })),
      ]
      const ask = (path: string, how: RequestInit) =>
        fetch(`${target}${path}`, how).then(
          async answer => (answer.type === 'opaque' ? `opaque ${(await answer.text()).length}` : 'read'),
          () => 'refused',
        )
      const reads = [
        await ask('/', { credentials: 'include' }),
        await ask('/', { mode: 'no-cors', credentials: 'include' }),
        await ask('/rpc/app', { method: 'POST', mode: 'no-cors', body: '{}' }),
        await ask('/index.html', { headers: { 'x-own': '1' } }),
      ]
      const framed = await new Promise<string>(resolve => {
        const frame = document.createElement('iframe')
        frame.src = target
        frame.onload = () => {
          const inside = frame.contentWindow
          inside?.postMessage({ whetstoneReady: true }, '*')
          // A refused frame is of another origin too; its title is out of reach, how many frames it holds is not.
          resolve(inside?.length === 0 ? 'empty' : 'framed')
        }
        document.body.append(frame)
      })
      const load = (element: HTMLScriptElement | HTMLLinkElement | HTMLImageElement) =>
        new Promise<string>(resolve => {
          element.onload = () => resolve('loaded')
          element.onerror = () => resolve('refused')
          document.body.append(element)
        })
      const script = Object.assign(document.createElement('script'), { src: `${target}/` })
      const style = Object.assign(document.createElement('link'), { rel: 'stylesheet', href: `${target}/` })
      const loads = [await load(script), await load(style)]
      return { sockets, reads, framed, loads }
    }, origin)
    expect(outcomes).toEqual({
      sockets: ['refused', 'refused', 'refused'],
      reads: ['refused', 'refused', 'refused', 'refused'],
      framed: 'empty',
      loads: ['refused', 'refused'],
    })

    // It opens the app in a window: the window is the app's, and its opener has no hold on it and hears nothing from it.
    const opening = context.waitForEvent('page')
    await page.evaluate(target => {
      const heard: string[] = []
      window.addEventListener('message', event => heard.push(String(event.data)))
      Object.assign(window, { heard, opened: window.open(target, 'theirs') })
    }, origin)
    const opened = await opening
    await expect(library(opened)).toBeVisible()
    const after = await page.evaluate(
      ([target, id]) => {
        const opened: Window | null = Reflect.get(window, 'opened')
        const { port1, port2 } = new MessageChannel()
        const heard: string[] = Reflect.get(window, 'heard')
        port1.onmessage = event => heard.push(String(event.data))
        for (const words of [{ whetstoneReady: true }, { whetstonePort: 'app' }, { to: id, token: 'A'.repeat(43) }])
          opened?.postMessage(words, target)
        opened?.postMessage({ whetstonePort: 'app' }, target, [port2])
        const reach = (read: () => unknown): unknown => {
          try {
            return read()
          } catch {
            return 'out of reach'
          }
        }
        return {
          heard,
          closed: opened?.closed,
          stored: reach(() => opened?.sessionStorage.getItem('whetstone-session')),
          document: reach(() => opened?.document?.body.textContent),
          again: reach(() => window.open('', 'theirs')?.location.href),
        }
      },
      [origin, 'x'] as const,
    )
    expect(after).toMatchObject({ heard: [], closed: true })
    expect([after.stored, after.document]).not.toContain(secret)
    expect(after.again).not.toContain(origin)
    expect(await opened.evaluate(() => window.opener)).toBeNull()
    // What was said to it reached nobody.
    expect(await app.page.evaluate(() => Reflect.get(window, 'heard'))).toEqual([])
    await expect(library(opened)).toBeVisible()
    await expect(library(app.page)).toBeVisible()
    expect(await context.cookies()).toEqual([])
    await page.close()
    evil.close()
  })

  test('another browser needs a token of its own', async ({ app, browserProcess }) => {
    const used = app.output.join('\n').match(/Whetstone is at (\S+)/)?.[1] ?? ''
    const stranger = await browserProcess?.newContext()
    for (const address of [used, `${app.origin}/`, `${app.origin}/#token=guessed`, `${app.origin}/?token=guessed`]) {
      const page = await stranger?.newPage()
      if (!page) throw new Error('there is no browser')
      await page.goto(address)
      await expect(notConnected(page)).toBeVisible()
      await page.close()
    }
    const printed = app.address?.() ?? ''
    expect(printed).not.toBe(used)
    const page = await stranger?.newPage()
    if (!page) throw new Error('there is no browser')
    const asked: string[] = []
    page.on('request', request => asked.push(request.url()))
    page.on('websocket', socket => asked.push(socket.url()))
    await page.goto(printed)
    await expect(library(page)).toBeVisible()
    // The token is gone from the address, and was in none that was asked for.
    const token = new URL(printed).hash.slice('#token='.length)
    expect(page.url()).not.toContain('token')
    expect(await page.evaluate(() => JSON.stringify(window.history.state ?? ''))).not.toContain(token)
    expect(asked.map(url => url.split('#')[0]).join('\n')).not.toContain(token)
    expect(await page.evaluate(() => document.cookie)).toBe('')

    // In the same browser a new tab asks one that is in. Where there is none, it needs the printed address, too.
    const second = await stranger?.newPage()
    await second?.goto(`${app.origin}/`)
    if (second) await expect(library(second)).toBeVisible()
    await second?.close()
    await page.close()
    const alone = await stranger?.newPage()
    if (!alone) throw new Error('there is no browser')
    await alone.goto(`${app.origin}/`)
    await expect(notConnected(alone)).toBeVisible()
    expect(await alone.evaluate(() => sessionStorage.getItem('whetstone-session'))).toBeNull()
    await stranger?.close()
  })
})
