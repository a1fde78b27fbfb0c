import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Page } from '@playwright/test'
import { expect, test } from './support/app.ts'

/** Tries the doors that only the browser host has. */
test.use({ expectsBlocked: true })

const library = (page: Page) => page.getByRole('heading', { name: 'Your skills will be listed here' })

test.beforeEach(async ({ app }) => {
  await expect(library(app.page)).toBeVisible()
})

test.describe('the browser host, attacked', { tag: '@browser' }, () => {
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
