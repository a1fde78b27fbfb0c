import net, { type AddressInfo } from 'node:net'

/**
 * A TCP connection's worst days, in front of any server on this computer: Postgres, R2's simulator. It forwards every byte
 * as it is until it is told otherwise; what it is told holds from now on, for connections that are open and for those to
 * come, until it is told something else. Nothing in it is random.
 *
 *   client ── up ──► proxy ──► server
 *   client ◄─ down ─ proxy ◄── server
 */
export type Direction = 'up' | 'down'

export type TcpProxy = {
  port: number
  /** Those that were accepted, in order, the ended ones too. */
  connections: readonly ProxiedConnection[]
  /** A round trip takes so many milliseconds longer, half of them each way. Bandwidth is not limited. */
  delay(roundTripMs: number): void
  /** Accepts and forwards nothing more, in neither direction, and says so to nobody. */
  blackHole(on: boolean): void
  /** New connections are reset at once. */
  refuse(on: boolean): void
  /** Holds back what goes in that direction; `false` lets all of it go on, in order. */
  stall(direction: Direction, on: boolean): void
  /** Every chunk in that direction is sent twice. */
  duplicate(direction: Direction, on: boolean): void
  /**
   * Resets the connection once so many bytes, counted from now, have been forwarded in that direction; the rest of that
   * chunk is lost. Once only: `cut` tells whether it happened.
   */
  cutAfter(direction: Direction, bytes: number): Cut
  /** Resets every connection that is open. */
  cutAll(): void
  /** Resolves with the next connection. */
  next(): Promise<ProxiedConnection>
  /** Told every chunk that is forwarded. */
  heard: ((direction: Direction, chunk: Buffer) => void) | undefined
  /** Bytes and round trips of all connections since the last `count()`, or since the start. */
  count(): Counted
  [Symbol.asyncDispose]: () => Promise<void>
}

export type Cut = { happened: boolean }
export type ProxiedConnection = {
  /** Bytes forwarded so far. */
  up: number
  down: number
  open: boolean
  cut(): void
  /** A black hole for this one alone, and for good. */
  silence(): void
}
/** `roundTrips`: how often a client spoke after it had been spoken to, or first. */
export type Counted = { connections: number; up: number; down: number; roundTrips: number }

type Mood = {
  delayMs: number
  blackHole: boolean
  refuse: boolean
  stalled: Record<Direction, boolean>
  twice: Record<Direction, boolean>
  cut: (Cut & { direction: Direction; left: number }) | undefined
}
type Lane = { flow(): void; end(): void }

export async function tcpProxy(target: number | (() => number)): Promise<TcpProxy> {
  const mood: Mood = {
    delayMs: 0,
    blackHole: false,
    refuse: false,
    stalled: { up: false, down: false },
    twice: { up: false, down: false },
    cut: undefined,
  }
  const connections: ProxiedConnection[] = []
  const open = new Map<ProxiedConnection, Lane[]>()
  let expected: ((connection: ProxiedConnection) => void)[] = []
  let counted: Counted = { connections: 0, up: 0, down: 0, roundTrips: 0 }

  const server = net.createServer({ allowHalfOpen: true, noDelay: true }, client => {
    if (mood.refuse) {
      client.resetAndDestroy()
      return
    }
    const upstream = net.connect({
      host: '127.0.0.1',
      port: typeof target === 'number' ? target : target(),
      allowHalfOpen: true,
      noDelay: true,
    })
    const connection: ProxiedConnection = {
      up: 0,
      down: 0,
      open: true,
      silence: () => {
        for (const one of lanes) one.end()
      },
      cut: () => {
        connection.open = false
        for (const one of lanes) one.end()
        open.delete(connection)
        // A socket that is not connected yet knows no reset.
        for (const socket of [client, upstream]) socket.connecting ? socket.destroy() : socket.resetAndDestroy()
      },
    }
    let spoke: Direction = 'down'
    const see = (direction: Direction, chunk: Buffer) => {
      counted[direction] += chunk.length
      proxy.heard?.(direction, chunk)
      if (direction === 'up' && spoke === 'down') counted.roundTrips++
      spoke = direction
    }
    const lanes = [
      lane(mood, connection, 'up', client, upstream, see),
      lane(mood, connection, 'down', upstream, client, see),
    ]
    for (const socket of [client, upstream]) socket.on('error', () => connection.open && connection.cut())
    const closed = () => {
      if (!client.destroyed || !upstream.destroyed) return
      connection.open = false
      open.delete(connection)
    }
    client.on('close', closed)
    upstream.on('close', closed)
    open.set(connection, lanes)
    connections.push(connection)
    counted.connections++
    const waiting = expected
    expected = []
    for (const tell of waiting) tell(connection)
  })
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))

  const flow = () => {
    for (const lanes of open.values()) for (const one of lanes) one.flow()
  }
  const cutAll = () => {
    for (const connection of [...open.keys()]) connection.cut()
  }
  const proxy: TcpProxy = {
    port: portOf(server.address()),
    connections,
    heard: undefined,
    delay: roundTripMs => {
      mood.delayMs = roundTripMs / 2
    },
    blackHole: on => {
      mood.blackHole = on
      flow()
    },
    refuse: on => {
      mood.refuse = on
    },
    stall: (direction, on) => {
      mood.stalled[direction] = on
      flow()
    },
    duplicate: (direction, on) => {
      mood.twice[direction] = on
    },
    cutAfter: (direction, bytes) => {
      mood.cut = { direction, left: bytes, happened: false }
      return mood.cut
    },
    cutAll,
    next: () => new Promise(resolve => expected.push(resolve)),
    count: () => {
      const said = counted
      counted = { connections: 0, up: 0, down: 0, roundTrips: 0 }
      return said
    },
    [Symbol.asyncDispose]: async () => {
      cutAll()
      await new Promise(resolve => server.close(resolve))
    },
  }
  return proxy
}

/** One direction of a connection: what came, when it is due, and where it goes. An empty chunk is the end. */
function lane(
  mood: Mood,
  connection: ProxiedConnection,
  direction: Direction,
  from: net.Socket,
  to: net.Socket,
  see: (direction: Direction, chunk: Buffer) => void,
): Lane {
  const due: { at: number; chunk: Buffer | undefined }[] = []
  let timer: NodeJS.Timeout | undefined
  let ended = false

  const forward = (chunk: Buffer): void => {
    see(direction, chunk)
    for (let times = mood.twice[direction] ? 2 : 1; times > 0; times--) {
      const { cut } = mood
      if (cut && cut.direction === direction && chunk.length >= cut.left) {
        mood.cut = undefined
        cut.happened = true
        connection[direction] += cut.left
        // Told to the other side in order: what was forwarded arrives, then the reset.
        if (cut.left === 0) connection.cut()
        else to.write(chunk.subarray(0, cut.left), () => connection.cut())
        ended = true
        return
      }
      if (cut && cut.direction === direction) cut.left -= chunk.length
      connection[direction] += chunk.length
      to.write(chunk)
    }
  }
  const flow = (): void => {
    clearTimeout(timer)
    timer = undefined
    while (!ended && !mood.blackHole && !mood.stalled[direction]) {
      const [first] = due
      if (!first) return
      const wait = first.at - performance.now()
      if (wait > 0) {
        timer = setTimeout(flow, wait)
        return
      }
      due.shift()
      if (first.chunk) forward(first.chunk)
      else to.end()
    }
  }
  const take = (chunk: Buffer | undefined) => {
    due.push({ at: performance.now() + mood.delayMs, chunk })
    if (due.length === 1 || timer === undefined) flow()
  }
  from.on('data', take)
  from.on('end', () => take(undefined))
  const end = (): void => {
    ended = true
    clearTimeout(timer)
  }
  return { flow, end }
}

const portOf = (address: string | AddressInfo | null): number =>
  typeof address === 'object' && address ? address.port : 0
