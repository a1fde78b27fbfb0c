import { MessageChannel } from 'node:worker_threads'
import { expect, test } from 'vitest'
import { sendApart } from './send-apart.ts'

test('a large message goes in a task of its own, and what comes after it comes after it', async () => {
  const sent: number[] = []
  const all = Promise.withResolvers<void>()
  const socket: Parameters<typeof sendApart>[0] = {
    OPEN: 1,
    readyState: 1,
    send: (data: unknown) => {
      sent.push(String(data).length)
      if (sent.length === 5) all.resolve()
    },
  }
  sendApart(socket)
  socket.send('a')
  expect(sent).toEqual([1])
  socket.send('x'.repeat(600_000))
  socket.send('ab')
  socket.send('y'.repeat(700_000))
  socket.send('abc')
  expect(sent).toEqual([1])
  await all.promise
  expect(sent).toEqual([1, 600_000, 2, 700_000, 3])
})

test('nothing is sent by a socket that was closed meanwhile', async () => {
  const sent: unknown[] = []
  const socket = { OPEN: 1, readyState: 1, send: (data: unknown) => void sent.push(data) } as const
  let closed = false
  const closing: Parameters<typeof sendApart>[0] = {
    ...socket,
    get readyState() {
      return closed ? 3 : 1
    },
  }
  sendApart(closing)
  closing.send('x'.repeat(600_000))
  closed = true
  const { port1, port2 } = new MessageChannel()
  const later = new Promise(resolve => port1.once('message', resolve))
  port2.postMessage(null)
  await later
  port1.close()
  expect(sent).toEqual([])
})
