import { Socket } from 'node:net'
import type { Client } from 'pg'

/**
 * A client's end, whatever the network does: `pg` says goodbye and waits for the other side's, which on a dead line never
 * comes. Resolves when the connection is closed, at the latest after `ms`.
 */
export async function endClient(client: Client, ms = 1_000): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<void>(resolve => {
    timer = setTimeout(resolve, ms)
  })
  await Promise.race([client.end().catch(() => undefined), late])
  clearTimeout(timer)
  cutClient(client)
}

/** At once, without a word; whatever was asked is answered by an error. */
export function cutClient(client: Client): void {
  client.connection.stream.destroy()
}

/** A socket whose reader may throw, as `pg` does over what is no Postgres: the connection ends with it, not the program. */
export class GuardedSocket extends Socket {
  override emit(event: string | symbol, ...args: unknown[]): boolean {
    if (event !== 'data') return super.emit(event, ...args)
    try {
      return super.emit(event, ...args)
    } catch (error) {
      this.destroy(new Error('The connection was terminated: what came is not Postgres.', { cause: error }))
      return true
    }
  }
}
