import { z } from 'zod'

/**
 * How a page in a browser says who it is: the first message on each of its sockets, answered by `WELCOME` before
 * anything of the contracts is said. Never in an address or a cookie, which other servers and logs get to see.
 */
export const hello = z.strictObject({
  /** 32 random bytes as base64url, made by the page and known to its tab alone. */
  secret: z.string().regex(/^[\w-]{43}$/),
  /** The one-time token that lets this secret in; left out once it did. */
  token: z.string().min(1).max(100).optional(),
})
export type Hello = z.infer<typeof hello>

export const WELCOME = 'welcome'
/** No `hello` is longer. */
export const MAX_HELLO = 1_024
/** The host does not know this secret (any more): only a new link lets the page in. */
export const CLOSE_NOT_CONNECTED = 4401
/** The part of a printed address after '#': fragments are not sent to servers. */
export const TOKEN_FRAGMENT = '#token='
