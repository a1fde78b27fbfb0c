import { randomBytes } from 'node:crypto'
import type { AsyncEntry } from '@napi-rs/keyring'
import type { Keychain, SecretsRefused } from './secrets.ts'

const SERVICE = 'whetstone'
/** Windows keeps at most 2,560 bytes an entry, as UTF-16; a certificate alone is longer. */
const PART_CHARACTERS = 1_000

/** On Linux: the Secret Service alone. The kernel's keyring, which the package would fall back to, forgets all at a restart. */
type Store = 'secret-service' | 'keyutils'

/**
 * The system's keychain: Keychain on macOS, Credential Manager on Windows, the Secret Service (GNOME, KDE) on Linux.
 * A long value lies in several entries; the first one names them, and is written last, so that a value is there whole or
 * as it was before:
 *
 *   <account>  whole:<base64>  |  parts:<id>:<n>        <account>#<id>.<i>  <a part of the base64>
 */
export function systemKeychain(store: Store = 'secret-service'): Keychain {
  type Open = { entry: (account: string) => AsyncEntry }
  let opening: Promise<Open | undefined> | undefined
  const open = async () => {
    opening ??= openStore(store)
    const opened = await opening
    // It may come with the next login to the desktop.
    if (opened === undefined) opening = undefined
    return opened
  }

  const readHead = async (chain: Open, account: string): Promise<Head | undefined> =>
    headOf(await chain.entry(account).getPassword())
  const dropParts = async (chain: Open, account: string, head: Head | undefined) => {
    for (const name of partsOf(account, head)) await chain.entry(name).deletePassword()
  }

  return {
    get: account =>
      ask(open, async chain => {
        const head = await readHead(chain, account)
        if (head === undefined) return { kind: 'none' }
        if (head.kind === 'whole') return { kind: 'secret', value: decode(head.text) }
        const parts = await Promise.all(partsOf(account, head).map(name => chain.entry(name).getPassword()))
        if (parts.some(part => part === null))
          return { kind: 'refused', reason: 'A part of what was kept in the keychain is missing. Enter it again.' }
        return { kind: 'secret', value: decode(parts.join('')) }
      }),

    set: (account, value) =>
      ask(open, async chain => {
        const before = await readHead(chain, account)
        const text = Buffer.from(value, 'utf8').toString('base64')
        const parts = text.match(new RegExp(`.{1,${PART_CHARACTERS}}`, 'g')) ?? []
        const id = randomBytes(6).toString('hex')
        const head: Head = parts.length <= 1 ? { kind: 'whole', text } : { kind: 'parts', id, count: parts.length }
        for (const [index, name] of partsOf(account, head).entries())
          await chain.entry(name).setPassword(parts[index] ?? '')
        await chain.entry(account).setPassword(writeHead(head))
        await dropParts(chain, account, before)
        return { kind: 'kept' }
      }),

    delete: account =>
      ask(open, async chain => {
        const before = await readHead(chain, account)
        await chain.entry(account).deletePassword()
        await dropParts(chain, account, before)
        return { kind: 'deleted' }
      }),
  }
}

type Head = { kind: 'whole'; text: string } | { kind: 'parts'; id: string; count: number }

function headOf(text: string | null | undefined): Head | undefined {
  if (text?.startsWith('whole:')) return { kind: 'whole', text: text.slice('whole:'.length) }
  const [, id, count] = /^parts:([0-9a-f]+):(\d+)$/.exec(text ?? '') ?? []
  return id === undefined ? undefined : { kind: 'parts', id, count: Number(count) }
}

const writeHead = (head: Head): string =>
  head.kind === 'whole' ? `whole:${head.text}` : `parts:${head.id}:${head.count}`

const partsOf = (account: string, head: Head | undefined): string[] =>
  head?.kind === 'parts' ? Array.from({ length: head.count }, (_, index) => `${account}#${head.id}.${index}`) : []

const decode = (text: string): string => Buffer.from(text, 'base64').toString('utf8')

/** Undefined where this computer has none: no package for it, or no Secret Service in this session. */
async function openStore(store: Store): Promise<{ entry: (account: string) => AsyncEntry } | undefined> {
  try {
    // A native module, loaded when the first secret is kept.
    const { AsyncEntry } = await import('@napi-rs/keyring')
    const entry = (account: string) => new AsyncEntry(SERVICE, account, { linux: { store } })
    // On Linux this is where it shows that there is none.
    entry('probe')
    return { entry }
  } catch {
    return undefined
  }
}

/** What the system throws when it is asked is its refusal: locked, a prompt that was dismissed, too many entries. */
async function ask<Chain, Answer>(
  open: () => Promise<Chain | undefined>,
  work: (chain: Chain) => Promise<Answer>,
): Promise<Answer | { kind: 'absent' } | SecretsRefused> {
  const chain = await open()
  if (chain === undefined) return { kind: 'absent' }
  try {
    return await work(chain)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    return {
      kind: 'refused',
      reason: `The system’s keychain did not allow it (${why}). Nothing was changed. Unlock it, then try again.`,
    }
  }
}
