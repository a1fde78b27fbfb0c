import { Client, type ClientConfig } from 'pg'
import { cutClient, endClient, GuardedSocket } from './client-end.ts'
import { failureOf, type RegistryFailure } from './failure.ts'

/**
 * A member's connections, made when they are needed, used by one call at a time and closed when they lie idle.
 *
 *   (none) ─ connect ─► in use ─ answered ─► idle ─ idleMs ─► closed
 *                        ▲  │                 │                 ▲
 *                        └──┼─── next call ───┘                 │
 *                           └── late, cut, answered `retry` ────┘
 *
 * A connection whose call did not end in time is cut and never used again: what it still says would be taken for the
 * answer to the next call.
 */
export type Pool = {
  /** Ends within `callMs`: with what `work` answers, or with why there is no answer. `work` may be done twice. */
  run<T extends { kind: string }>(work: (client: Client) => Promise<T>): Promise<T | RegistryFailure>
  /** Calls under way end at once, as `retry`. */
  close(): Promise<void>
}

export type PoolOptions = {
  /** How many connections at most; calls beyond them wait. */
  size: number
  /** All that a call may take, in milliseconds, waiting and connecting included. */
  callMs: number
  /** Of these, making a connection. */
  connectMs: number
  /** After so long without a call a connection is closed. */
  idleMs: number
  /** After so long without a call it may be dead without our knowing: a laptop that slept, a router that forgot. */
  staleMs: number
  /** Such a one must say something within this time, or the call is made again over a fresh one. */
  silentMs: number
}

type Connection = { client: Client; usedAt: number; closing?: NodeJS.Timeout }

/** `connection` is cut when the call is given up. */
type Running = { over: boolean; connection: Connection | undefined }

const retry = (code: string, message: string): RegistryFailure => ({ kind: 'retry', code, message })
const CLOSED = retry('CLOSED', 'The connection to the registry was closed here.')

export function openPool(config: ClientConfig, options: PoolOptions): Pool {
  const { callMs, connectMs, idleMs, staleMs, silentMs } = options
  const late = retry('ETIMEDOUT', `The registry did not answer within ${callMs / 1_000} seconds.`)
  const turns = openTurns(options.size)
  const live = new Set<Connection>()
  const idle: Connection[] = []
  const running = new Set<(why: RegistryFailure) => void>()
  let closed = false

  const forget = (connection: Connection): void => {
    live.delete(connection)
    clearTimeout(connection.closing)
    const place = idle.indexOf(connection)
    if (place >= 0) idle.splice(place, 1)
  }
  const drop = (connection: Connection): void => {
    forget(connection)
    cutClient(connection.client)
  }

  /** Not connected yet. It forgets itself when it goes. */
  const make = (): Connection => {
    const connectionTimeoutMillis = Math.min(connectMs, callMs)
    const client = new Client({ ...config, stream: () => new GuardedSocket(), pipeline: true, connectionTimeoutMillis })
    const connection = { client, usedAt: performance.now() }
    client.on('error', () => forget(connection))
    client.on('end', () => forget(connection))
    live.add(connection)
    return connection
  }

  const give = (connection: Connection): void => {
    if (closed) drop(connection)
    if (!live.has(connection)) return
    connection.usedAt = performance.now()
    idle.push(connection)
    connection.closing = setTimeout(() => {
      forget(connection)
      void endClient(connection.client)
    }, idleMs)
    connection.closing.unref()
  }

  /** Puts a question in front of the call's own, in the same flight; the answer says whether it was answered. */
  const sound = (connection: Connection): (() => boolean) => {
    let heard = false
    const timer = setTimeout(() => drop(connection), silentMs)
    const hear = () => {
      heard = true
      clearTimeout(timer)
    }
    connection.client.query('SELECT').then(hear, () => clearTimeout(timer))
    return () => heard
  }

  const attempt = async <T extends { kind: string }>(
    call: Running,
    work: (client: Client) => Promise<T>,
  ): Promise<T | RegistryFailure> => {
    const spare = idle.pop()
    clearTimeout(spare?.closing)
    const connection = spare ?? make()
    call.connection = connection
    const heard = spare && performance.now() - spare.usedAt > staleMs ? sound(spare) : () => true
    let answer: T | RegistryFailure
    try {
      if (!spare) await connection.client.connect()
      answer = await work(connection.client)
    } catch (error) {
      drop(connection)
      answer = failureOf(error)
    }
    if (answer.kind === 'retry') drop(connection)
    else give(connection)
    if (heard() || call.over) return answer
    // The others have lain there as long.
    for (const other of [...idle]) drop(other)
    return await attempt(call, work)
  }

  return {
    run: work =>
      new Promise((resolve, reject) => {
        if (closed) return resolve(CLOSED)
        const call: Running = { over: false, connection: undefined }
        const end = (settle: () => void) => {
          if (call.over) return
          call.over = true
          clearTimeout(timer)
          running.delete(giveUp)
          leave()
          settle()
        }
        const giveUp = (why: RegistryFailure) => {
          if (call.connection) drop(call.connection)
          end(() => resolve(why))
        }
        const timer = setTimeout(() => giveUp(late), callMs)
        running.add(giveUp)
        const leave = turns.enter(() => {
          attempt(call, work).then(
            answer => end(() => resolve(answer)),
            error => end(() => reject(error)),
          )
        })
      }),
    close: async () => {
      closed = true
      for (const giveUp of [...running]) giveUp(CLOSED)
      await Promise.all([...live].map(one => endClient(one.client)))
    },
  }
}

/** So many at once; the others in their order. */
function openTurns(size: number): { enter(begin: () => void): () => void } {
  const waiting: (() => void)[] = []
  let taken = 0
  const next = () => {
    while (taken < size && waiting.length > 0) {
      taken++
      waiting.shift()?.()
    }
  }
  return {
    enter: begin => {
      let begun = false
      const turn = () => {
        begun = true
        begin()
      }
      waiting.push(turn)
      next()
      return () => {
        if (begun) taken--
        else waiting.splice(waiting.indexOf(turn), 1)
        next()
      }
    },
  }
}
