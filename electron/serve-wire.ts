import type { Wire } from './wire.ts'

/**
 * Serves a contract on wires whose other end is not trusted. What cannot be read closes that one wire and is logged; the
 * process, the other wires and their calls go on.
 *
 * oRPC's own message-port adapter drops the promise of each message, so that one malformed message is an unhandled
 * rejection, which ends a process of Node. The adapter used here gives that promise back and needs nothing of Bun.
 */
export type WireLimits = {
  /** Of one message: UTF-16 units of text, or bytes. */
  messageSize: number
  /** Of all messages that were not answered yet, in the same units. */
  unansweredSize: number
  /** Calls and streams that were begun and have not ended. */
  unanswered: number
}

/** An archive dropped on the page travels as base64 in one message. */
export const APP_LIMITS: WireLimits = {
  messageSize: 160 * 1024 * 1024,
  unansweredSize: 480 * 1024 * 1024,
  unanswered: 4_096,
}
/** The largest is text for the clipboard, 10,000,000 characters of which each may be escaped as six. */
export const DESKTOP_LIMITS: WireLimits = {
  messageSize: 64 * 1024 * 1024,
  unansweredSize: 128 * 1024 * 1024,
  unanswered: 256,
}

export type WireServer<Context> = (wire: Wire, context: Context) => void

type Peer = { send: (message: unknown) => number }
/** The part of `RPCHandler` of @orpc/server/bun-ws that is used. */
export type MessageHandler<Context> = {
  message: (peer: Peer, message: string | Uint8Array, options: { context: Context }) => Promise<void>
  close: (peer: Peer) => void
}

export function createWireServer<Context>(
  handler: MessageHandler<Context>,
  options: { limits: WireLimits; log: (line: string) => void },
): WireServer<Context> {
  const { limits, log } = options
  return (wire, context) => {
    const peer: Peer = {
      send: data => {
        wire.postMessage(data)
        return 0
      },
    }
    let open = true
    let unanswered = 0
    let unansweredSize = 0
    const end = () => {
      open = false
      handler.close(peer)
    }
    const refuse = (why: string) => {
      if (!open) return
      end()
      log(`A connection was closed: ${why}`)
      wire.close()
    }
    const take = async (message: string | Uint8Array) => {
      const size = message.length
      if (size > limits.messageSize) return refuse(`a message of ${size} is over the limit of ${limits.messageSize}.`)
      if (unanswered >= limits.unanswered) return refuse(`it has ${unanswered} calls under way, which is the limit.`)
      if (unansweredSize + size > limits.unansweredSize) return refuse('its unanswered calls are too large together.')
      unanswered++
      unansweredSize += size
      try {
        await handler.message(peer, message, { context })
      } catch (error) {
        refuse(`a message could not be read or answered (${error instanceof Error ? error.name : typeof error}).`)
      } finally {
        unanswered--
        unansweredSize -= size
      }
    }
    wire.on('message', event => {
      if (!open) return
      const message = textOrBytes(event?.data)
      if (message === undefined) refuse('a message was neither text nor bytes.')
      else void take(message)
    })
    wire.on('close', end)
  }
}

/** The two forms that the contract's messages have; whatever else a port can carry is undefined. */
export function textOrBytes(data: unknown): string | Uint8Array | undefined {
  if (typeof data === 'string' || data instanceof Uint8Array) return data
  return data instanceof ArrayBuffer ? new Uint8Array(data) : undefined
}
