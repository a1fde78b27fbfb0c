import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { hostileDocuments } from '../support/hostile-documents.ts'
import { type App, expect, test } from './support/app.ts'
import { serviceOf } from './support/services.ts'
import { tab } from './support/skills.ts'

/**
 * Opens documents that try to do something when they are looked at: in the editor, the preview and the comparison of one app, one
 * after the other. `npm run hostile` opens all of them, `npm test` a fixed sample.
 */
const ALL = process.env.WHETSTONE_HOSTILE === 'all'
/** The page is the same in Electron, which draws without a graphics card here. */
const EVERY = { browser: 9, electron: 24 }
/** So many are looked at before it is asked what happened: each question to the page and to main takes a moment. */
const TOGETHER = 8
const MS_EACH = 2_000

/** Counts what reaches it; nothing should. */
async function startSink() {
  const reached: string[] = []
  const server = createServer((request, response) => {
    reached.push(request.url ?? '')
    response.end()
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address: AddressInfo | string | null = server.address()
  const port = typeof address === 'object' ? address?.port : undefined
  return {
    url: `http://127.0.0.1:${port}`,
    reached,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections()
      await new Promise(resolve => server.close(resolve))
    },
  }
}

/** All that a document may not bring about, as it happens. */
async function watch(app: App): Promise<{ happened: () => Promise<string[]> }> {
  const { page, electron } = app
  const seen: string[] = []
  const own = new URL(page.url()).origin
  page.on('dialog', dialog => {
    seen.push(`a dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('popup', popup => seen.push(`a window: ${popup.url()}`))
  page.on('download', download => seen.push(`a download: ${download.url()}`))
  page.on('framenavigated', frame => {
    if (frame === page.mainFrame() && new URL(frame.url()).origin !== own) seen.push(`a navigation: ${frame.url()}`)
  })
  page.on('request', request => {
    const url = request.url()
    if (!/^(data|blob|about):/.test(url) && new URL(url).origin !== own) seen.push(`a request: ${url}`)
  })
  page.on('websocket', socket => {
    if (!socket.url().includes('/rpc/desktop')) return
    socket.on('framesent', ({ payload }) => {
      if (/openExternal|reveal|choose/.test(String(payload))) seen.push(`a call: ${payload}`)
    })
  })
  await electron?.evaluate(({ app: main, dialog, shell }) => {
    const calls: string[] = []
    Object.assign(globalThis, { calls })
    for (const [owner, names] of [
      [shell, ['openExternal', 'openPath', 'showItemInFolder']],
      [dialog, ['showOpenDialog', 'showSaveDialog', 'showMessageBox']],
    ] as const)
      for (const name of names) Object.assign(owner, { [name]: async () => calls.push(name) })
    main.on('web-contents-created', (_event, contents) => calls.push(`contents: ${contents.getType()}`))
  })
  // The page's own connections are made again, so that they are heard.
  await page.reload()
  await page.evaluate(() => {
    const ran: string[] = []
    Object.assign(window, { ran })
    window.addEventListener('message', event => {
      if (event.data === 'ran') ran.push('a script')
    })
  })
  return {
    happened: async () => {
      const inPage = await page.evaluate((): string[] => [
        ...Reflect.get(window, 'ran'),
        ...('polluted' in {} ? ['a changed prototype'] : []),
        ...(document.querySelectorAll('iframe:not([sandbox=""])').length > 0 ? ['a frame without a sandbox'] : []),
      ])
      const inMain = await electron?.evaluate((): string[] => Reflect.get(globalThis, 'calls'))
      return [...seen, ...inPage, ...(inMain ?? [])]
    },
  }
}

/** Runs in the page: goes somewhere as a link would and waits until it is shown. Gives what the preview holds that it must not. */
function goAndLook([address, selector]: readonly [string, string]): Promise<string[]> {
  window.history.pushState(null, '', address)
  window.dispatchEvent(new PopStateEvent('popstate'))
  return new Promise(resolve => {
    const look = (): boolean => {
      const found = document.querySelector(selector)
      if (!found) return false
      observer.disconnect()
      if (found instanceof HTMLIFrameElement) found.addEventListener('load', () => resolve(forbidden(found.srcdoc)))
      else resolve([])
      return true
    }
    const observer = new MutationObserver(look)
    if (!look()) observer.observe(document.body, { childList: true, subtree: true, attributes: true })
    // So that the one that never comes is named, instead of all of them running out of time.
    setTimeout(() => resolve(['it is never shown']), 30_000)
  })

  function forbidden(html: string): string[] {
    const inside = new DOMParser().parseFromString(html, 'text/html')
    const elements = [...inside.body.querySelectorAll('*')]
    const wrong = elements.filter(({ tagName, attributes }) => {
      const names = [...attributes].map(({ name }) => name)
      const source = [...attributes].find(({ name }) => name === 'src')?.value ?? 'data:image/'
      const plain =
        /^(main|h[1-6]|p|ul|ol|li|blockquote|pre|code|em|strong|s|del|table|thead|tbody|tr|th|td|hr|br|span|img)$/i
      const known = names.every(name => /^(class|title|alt|src|start|align|id|scope)$/.test(name))
      return !plain.test(tagName) || !known || !source.startsWith('data:image/')
    })
    const ids = [...inside.querySelectorAll('[id]')].filter(({ id }) => id !== 'here')
    return [...wrong, ...ids].map(element => element.outerHTML.slice(0, 200))
  }
}

test('a hostile document runs nothing, asks for nothing and leads nowhere, in the editor, the preview and the comparison', async ({
  app,
}) => {
  await using sink = await startSink()
  const every = hostileDocuments(sink.url)
  expect(every.length).toBeGreaterThanOrEqual(250)
  const documents = every.filter(({ text }, at) => ALL || at % EVERY[app.host] === 0 || text.includes('\0'))
  test.setTimeout(120_000 + documents.length * MS_EACH)
  const { page } = app
  await expect(page.getByRole('heading', { name: 'Your skills will be listed here' })).toBeVisible()

  const api = await serviceOf(app, 'app')
  const tenantId = (await api.spaces.list())[0]?.tenantId ?? ''
  const { id: skillId } = await api.skills.create({ tenantId, slug: 'hostile' })
  const first = await api.versions.save({ skillId, message: 'Before' })
  const files = documents.map(({ name, text }, at) => {
    const path = `d${at}/document.md`
    // One with NUL is no text: it has no preview, and is compared by its size and hash.
    const places = text.includes('\0')
      ? { preview: '[data-testid="no-preview"]', compared: '[data-testid="not-compared-as-text"]' }
      : {
          preview: `iframe[title="Preview of ${path}"], [data-testid="plain-preview"]`,
          compared: `.cm-content[aria-label^="${path}:"]`,
        }
    return { name, text, path, ...places }
  })
  for (const { path, text } of files)
    await api.workingCopies.write({ skillId, path, content: { kind: 'text', text }, expected: null })

  const { happened } = await watch(app)
  await page.evaluate(goAndLook, [`/skill/${skillId}`, '.cm-content'] as const)
  await page.locator('aside').getByText('Preview', { exact: true }).click()
  await page.locator('iframe').waitFor()
  const box = await page.locator('iframe').boundingBox()
  /** What happened at the last few. */
  let since: string[] = []
  const look = async (name: string): Promise<void> => {
    since.push(name)
    if (since.length < TOGETHER && name !== files.at(-1)?.name) return
    expect(await happened(), since.join(', ')).toEqual([])
    since = []
  }
  for (const { name, path, preview } of files) {
    const wrong = await page.evaluate(goAndLook, [`/skill/${skillId}?file=${path}`, preview] as const)
    expect(wrong, name).toEqual([])
    // As somebody reading it would: over it, and onto it.
    await page.mouse.move((box?.x ?? 0) + 120, (box?.y ?? 0) + 60)
    await page.mouse.click((box?.x ?? 0) + 60, (box?.y ?? 0) + 150)
    await look(name)
  }
  for (const { name, path, compared } of files) {
    const sides = `left=version:${first.id}&right=working:${skillId}`
    await page.evaluate(goAndLook, [`/skill/${skillId}/compare?${sides}&file=${path}`, compared] as const)
    await look(name)
  }
  expect(sink.reached).toEqual([])
  await tab(page, /^History/).click()
  await expect(page.getByText('Before', { exact: true }).first()).toBeVisible()
})
