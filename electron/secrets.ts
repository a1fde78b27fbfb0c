import { randomUUID } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { z } from 'zod'

/**
 * Where passwords and keys are kept: the system's keychain, or, where there is none, a file that only this user can read.
 * Nothing that is kept here is ever in library.db, in a log or in the page.
 */
export type Secrets = {
  get(name: string): Promise<SecretRead>
  set(name: string, value: string): Promise<{ kind: 'kept'; where: 'keychain' | 'file' } | SecretsRefused>
  delete(name: string): Promise<void>
}
export type SecretRead = { kind: 'secret'; value: string } | { kind: 'none' } | SecretsRefused
/** The keychain is locked or said no; a sentence for a person. */
export type SecretsRefused = { kind: 'refused'; reason: string }

/** The system's keychain, as far as it is needed here. `absent`: this computer has none. */
export type Keychain = {
  get(account: string): Promise<SecretRead | { kind: 'absent' }>
  set(account: string, value: string): Promise<{ kind: 'kept' } | { kind: 'absent' } | SecretsRefused>
  delete(account: string): Promise<{ kind: 'deleted' } | { kind: 'absent' } | SecretsRefused>
}

export const noKeychain: Keychain = {
  get: async () => ({ kind: 'absent' }),
  set: async () => ({ kind: 'absent' }),
  delete: async () => ({ kind: 'absent' }),
}

/**
 * `secrets.json` in the data folder says of each name where its value is; the value itself only where there is no keychain.
 * `id` tells this library's entries in the keychain from another one's. `deleted`: to be taken out of the keychain as soon
 * as it allows that.
 */
const place = z.discriminatedUnion('in', [
  z.object({ in: z.literal('keychain'), deleted: z.boolean().optional() }),
  z.object({ in: z.literal('file'), value: z.string() }),
])
const fileShape = z.object({ format: z.literal(1), id: z.string().min(1), secrets: z.record(z.string(), place) })
type SecretsFile = z.infer<typeof fileShape>

/** Secrets of one data folder. The keychain is asked only for what was kept in it, so that nobody is prompted for nothing. */
export function openSecrets({ dataDir, keychain }: { dataDir: string; keychain: Keychain }): Secrets {
  const file = path.join(dataDir, 'secrets.json')
  const accountOf = (kept: SecretsFile, name: string) => `${kept.id}/${name}`

  /** What was to be deleted while the keychain was locked. */
  const sweep = async (kept: SecretsFile) => {
    for (const [name, where] of Object.entries(kept.secrets)) {
      if (where.in !== 'keychain' || where.deleted !== true) continue
      if ((await keychain.delete(accountOf(kept, name))).kind !== 'deleted') return
      updateFile(file, now => {
        const entry = now.secrets[name]
        if (entry?.in === 'keychain' && entry.deleted === true) delete now.secrets[name]
      })
    }
  }

  return {
    get: async name => {
      const kept = readSecretsFile(file)
      if (kept.kind === 'refused') return kept
      const where = kept.file.secrets[name]
      if (where === undefined) return { kind: 'none' }
      if (where.in === 'file') return { kind: 'secret', value: where.value }
      if (where.deleted === true) return { kind: 'none' }
      const got = await keychain.get(accountOf(kept.file, name))
      return got.kind === 'absent' ? KEYCHAIN_GONE : got
    },

    set: async (name, value) => {
      const read = readSecretsFile(file)
      if (read.kind === 'refused') return read
      // The id must be on disk before anything is kept under it.
      const prepared = updateFile(file, () => {})
      if (prepared.kind === 'refused') return prepared
      const set = await keychain.set(accountOf(prepared.file, name), value)
      if (set.kind === 'refused') return set
      if (set.kind === 'absent') {
        if (Object.values(prepared.file.secrets).some(where => where.in === 'keychain' && !where.deleted))
          return KEYCHAIN_GONE
        const written = updateFile(file, now => {
          now.secrets[name] = { in: 'file', value }
        })
        return written.kind === 'refused' ? written : { kind: 'kept', where: 'file' }
      }
      const written = updateFile(file, now => {
        now.secrets[name] = { in: 'keychain' }
      })
      if (written.kind === 'refused') return written
      await sweep(written.file)
      return { kind: 'kept', where: 'keychain' }
    },

    delete: async name => {
      const updated = updateFile(file, now => {
        if (now.secrets[name]?.in === 'keychain') now.secrets[name] = { in: 'keychain', deleted: true }
        else delete now.secrets[name]
      })
      if (updated.kind === 'file') await sweep(updated.file)
    },
  }
}

const KEYCHAIN_GONE: SecretsRefused = {
  kind: 'refused',
  reason:
    'Passwords were kept in the system’s keychain, which cannot be reached now. Nothing was changed. Log in to the desktop, or start the keychain, then try again.',
}

type FileRead = { kind: 'file'; file: SecretsFile } | SecretsRefused

function readSecretsFile(file: string): FileRead {
  let text: string
  try {
    text = fs.readFileSync(file, 'utf8')
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return { kind: 'file', file: { format: 1, id: randomUUID(), secrets: {} } }
    return { kind: 'refused', reason: `${file} cannot be read (${codeOf(error) ?? 'unknown'}). Nothing was changed.` }
  }
  const parsed = fileShape.safeParse(parseJson(text))
  if (parsed.success) return { kind: 'file', file: parsed.data }
  return {
    kind: 'refused',
    reason: `${file} cannot be understood, so no password is read from it or added to it. Move it away to begin anew.`,
  }
}

/** Reads afresh, changes, writes: whole or not at all, on the disk when it answers. */
function updateFile(file: string, change: (kept: SecretsFile) => void): FileRead {
  const read = readSecretsFile(file)
  if (read.kind === 'refused') return read
  change(read.file)
  const text = `${JSON.stringify(read.file, null, 2)}\n`
  const fresh = `${file}.${randomUUID()}.new`
  try {
    if (fs.existsSync(file) && fs.readFileSync(file, 'utf8') === text) return read
    fs.writeFileSync(fresh, text, { mode: 0o600, flag: 'wx', flush: true })
    fs.renameSync(fresh, file)
    syncFolder(path.dirname(file))
    return read
  } catch (error) {
    fs.rmSync(fresh, { force: true })
    if (codeOf(error) === undefined) throw error
    return { kind: 'refused', reason: `${file} cannot be written (${codeOf(error)}). Nothing was changed.` }
  }
}

/** So that the new name outlives a power cut. Windows has no such call. */
function syncFolder(folder: string): void {
  if (process.platform === 'win32') return
  const handle = fs.openSync(folder, 'r')
  try {
    fs.fsyncSync(handle)
  } finally {
    fs.closeSync(handle)
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
