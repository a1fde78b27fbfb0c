import { Client, type ClientConfig, escapeIdentifier } from 'pg'
import { cutClient, endClient, GuardedSocket } from './client-end.ts'
import { reasonOf } from './errors.ts'
import { failureOf } from './failure.ts'
import { hello } from './postgres.ts'

export type ListenEvents = {
  /** Something changed in the tenant, or may have while nobody listened: pull. */
  changed: () => void
  /** Listening; from here on nothing is missed. */
  connected?: () => void
  /** The connection is gone or could not be made; it is tried again in `retryMs`. */
  lost?: (reason: string, retryMs: number) => void
  /** This login is no member any more, or its password is wrong: it is not tried again. */
  denied?: (reason: string) => void
}

export type ListenOptions = {
  /** Calls back after so many milliseconds; the answer takes it back. */
  after?: (ms: number, callback: () => void) => () => void
  /** In [0, 1). */
  random?: () => number
  /** How often it is asked whether the line still stands and where the team is, in milliseconds: a dead one makes no sound. */
  beatMs?: number
  /** How long an answer may take, to that and to each step of connecting. */
  answerMs?: number
}

const FIRST_DELAY_MS = 500
const LONGEST_DELAY_MS = 60_000
const BEAT_MS = 30_000
const ANSWER_MS = 5_000

/** What the registry's owner sends with a team's last notification on a channel: the next one comes on another. */
export const MOVED = 'moved'

/**
 * Hears of changes in the login's tenant, on a connection of its own that is made again whenever it goes. A notification
 * says nothing but 'look': anybody in the database can send one. Nor does every change make a sound (a server whose queue is
 * full sends none), and the team's channel is another one after a member was removed: both are asked for at each beat.
 *
 * @returns stops listening; resolves when the connection is closed.
 */
export function listen(config: ClientConfig, events: ListenEvents, options: ListenOptions = {}): () => Promise<void> {
  const { after = waitFor, random = Math.random, beatMs = BEAT_MS, answerMs = ANSWER_MS } = options
  let client: Client | undefined
  let takeBack: (() => void) | undefined
  let stopped = false
  let failures = 0
  /** Where the team was when it was last asked, and the channel that is listened to. */
  let heard: { n: number; channel: string } | undefined
  let looking = false

  const lose = (gone: Client, reason: string) => {
    if (stopped || client !== gone) return
    client = undefined
    takeBack?.()
    cutClient(gone)
    // Full jitter, so that a restarted server is not met by everybody at once.
    const delay = Math.ceil(random() * Math.min(LONGEST_DELAY_MS, FIRST_DELAY_MS * 2 ** failures++))
    events.lost?.(reason, delay)
    takeBack = after(delay, () => void connect())
  }

  const connect = async (): Promise<void> => {
    if (stopped) return
    // No answer to anything asked here is waited for longer than that; nothing else is asked here.
    const fresh = new Client({ ...config, stream: () => new GuardedSocket(), query_timeout: answerMs })
    client = fresh
    fresh.on('error', error => lose(fresh, reasonOf(error)))
    fresh.on('end', () => lose(fresh, 'The connection was closed.'))
    fresh.on('notification', ({ payload }) => {
      events.changed()
      if (payload === MOVED) void look(fresh)
    })
    try {
      await fresh.connect()
      heard = undefined
      if (!(await ask(fresh))) return
      failures = 0
      if (stopped || client !== fresh) return
      events.connected?.()
      // What came between the last pull and LISTEN made no sound.
      events.changed()
      beat(fresh)
    } catch (error) {
      const failure = failureOf(error)
      if (failure.kind !== 'denied') return lose(fresh, failure.message)
      await stop()
      events.denied?.(failure.message)
    }
  }

  /** Asks where the team is and listens where it is told to. False: this connection is over. */
  const ask = async (listening: Client): Promise<boolean> => {
    const answer = await hello(listening)
    if (answer.kind === 'denied' || (answer.kind === 'hello' && !answer.hello)) {
      await stop()
      events.denied?.(answer.kind === 'denied' ? answer.message : 'This login is no member of a team.')
      return false
    }
    if (answer.kind !== 'hello' || !answer.hello) {
      lose(listening, answer.kind === 'hello' ? '' : answer.message)
      return false
    }
    const { n, channel } = answer.hello
    if (heard?.channel !== channel) await listening.query(`UNLISTEN *; LISTEN ${escapeIdentifier(channel)}`)
    // The first answer is not news: whoever connects looks anyway.
    const news = heard !== undefined && (heard.n !== n || heard.channel !== channel)
    heard = { n, channel }
    if (news && !stopped && client === listening) events.changed()
    return true
  }

  /** The same between times, one at a time: anybody may send what leads here. */
  const look = async (listening: Client): Promise<boolean> => {
    if (looking || stopped || client !== listening) return true
    looking = true
    try {
      return await ask(listening)
    } catch (error) {
      lose(listening, reasonOf(error))
      return false
    } finally {
      looking = false
    }
  }

  const beat = (listening: Client): void => {
    takeBack = after(beatMs, () => {
      void look(listening).then(goesOn => goesOn && !stopped && client === listening && beat(listening))
    })
  }

  const stop = async (): Promise<void> => {
    stopped = true
    takeBack?.()
    if (client) await endClient(client)
  }

  void connect()
  return stop
}

function waitFor(ms: number, callback: () => void): () => void {
  const timer = setTimeout(callback, ms)
  return () => clearTimeout(timer)
}
