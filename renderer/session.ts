import { type Hello, hello, TOKEN_FRAGMENT } from '../shared/contract/session.ts'

/**
 * Who this tab is to the browser host: a secret that the tab made for itself, and the one-time token that lets it in. The
 * secret is in `sessionStorage`, which belongs to one tab of one origin with its port, so that a reload finds it and no
 * other server or tab does.
 */
const KEY = 'whetstone-session'

/** What the tab says of itself. A token is kept until it was taken, so that a reload in between loses nothing. */
export function whoAmI(): Hello | undefined {
  try {
    return hello.safeParse(JSON.parse(sessionStorage.getItem(KEY) ?? 'null')).data
  } catch {
    return undefined
  }
}

/** Makes a new secret for this tab, to be let in by a token. Without one, the host only notices that somebody asks. */
export function beSomebody(token?: string): Hello {
  const bytes = crypto.getRandomValues(new Uint8Array(32))
  const secret = btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replace(/=+$/, '')
  const me = { secret, ...(token !== undefined && { token }) }
  sessionStorage.setItem(KEY, JSON.stringify(me))
  return me
}

/** The token was taken: from now on the secret alone is enough. */
export function tokenTaken(me: Hello): void {
  if (me.token === undefined || whoAmI()?.token !== me.token) return
  sessionStorage.setItem(KEY, JSON.stringify({ secret: me.secret }))
  tellTabs({ entered: true })
}

export function forgetMe(): void {
  sessionStorage.removeItem(KEY)
}

/** The token of the address, which is taken out of it: out of sight, of bookmarks and of what is copied from the bar. */
export function takeToken(): string | undefined {
  const { hash, pathname, search } = window.location
  if (!hash.startsWith(TOKEN_FRAGMENT)) return undefined
  window.history.replaceState(window.history.state, '', pathname + search)
  return tokenIn(hash)
}

/** @param fragment of a printed address, with its '#'. */
export const tokenIn = (fragment: string): string | undefined =>
  fragment.startsWith(TOKEN_FRAGMENT) ? fragment.slice(TOKEN_FRAGMENT.length) || undefined : undefined

/** Tabs of this origin hear each other; nobody on another port or site does. */
const CHANNEL = 'whetstone-tabs'
/** How long another tab may take to answer. */
const ANSWER_MS = 600

/** Asks the other tabs for a token, so that a link opened in a new tab just works. Undefined where none is connected. */
export function askOtherTabs(): Promise<string | undefined> {
  const channel = new BroadcastChannel(CHANNEL)
  const id = crypto.randomUUID()
  return new Promise(resolve => {
    const done = (token?: string) => {
      clearTimeout(late)
      channel.close()
      resolve(token)
    }
    const late = setTimeout(done, ANSWER_MS)
    channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
      if (typeof data !== 'object' || data === null || !('to' in data) || data.to !== id) return
      if ('token' in data && typeof data.token === 'string') done(data.token)
    })
    channel.postMessage({ asks: id })
  })
}

function tellTabs(message: { entered: true }): void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.postMessage(message)
  channel.close()
}

/** Calls back whenever another tab was let in. */
export function whenAnotherTabEnters(then: () => void): void {
  new BroadcastChannel(CHANNEL).addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data === 'object' && data !== null && 'entered' in data) then()
  })
}

/** Answers the tabs that ask, with a token that `mint` gets from the host. */
export function answerOtherTabs(mint: () => Promise<string | undefined>): void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (typeof data !== 'object' || data === null || !('asks' in data)) return
    const { asks } = data
    mint().then(
      token => token !== undefined && channel.postMessage({ to: asks, token }),
      () => {
        // Another tab may have it.
      },
    )
  })
}
