import fs from 'node:fs'
import path from 'node:path'

/**
 * The library's folder, kept from the other users of this computer: folders 0700, files 0600. What is made is made so, and
 * what an earlier version left open is closed at the start. Windows has its own way: a profile belongs to its user.
 */
export const PRIVATE_FILE = 0o600
const PRIVATE_FOLDER = 0o700
const OTHERS = 0o077

/** Everything that the app keeps in its folder, by the beginning of its name. */
const OURS =
  /^(library\.|library-set-aside-|outbox-journal\.jsonl|teams\.json|secrets\.json|browser-session|(backups|quarantine|rebuilt|rebuilding|demo-registry|window)$)/
/** Chromium and Postgres keep many files there, and set their own modes; the folder's is enough. */
const DOOR_ONLY = new Set(['window', 'demo-registry'])

/** Makes a folder that only this user can enter; one that is there stays as it is. */
export function makePrivateFolder(folder: string): void {
  fs.mkdirSync(folder, { recursive: true, mode: PRIVATE_FOLDER })
}

/** Makes an empty file that only this user can read, for what opens a file and cannot be told its mode. */
export function makePrivateFile(file: string): void {
  fs.closeSync(fs.openSync(file, 'a', PRIVATE_FILE))
}

/**
 * Closes what is open to others. A folder that also holds other things is somebody's own: there only our files are closed.
 * What belongs to another user or cannot be changed stays as it is; the library says elsewhere what it cannot write.
 */
export function keepPrivate(dataDir: string): void {
  if (process.platform === 'win32') return
  const entries = fs.readdirSync(dataDir, { withFileTypes: true })
  if (entries.every(entry => OURS.test(entry.name))) close(dataDir, PRIVATE_FOLDER)
  for (const entry of entries) if (OURS.test(entry.name)) closeBelow(path.join(dataDir, entry.name), entry)
}

function closeBelow(full: string, entry: fs.Dirent): void {
  if (entry.isFile()) close(full, PRIVATE_FILE)
  // Never through a link: its target is not ours.
  if (!entry.isDirectory()) return
  close(full, PRIVATE_FOLDER)
  if (DOOR_ONLY.has(entry.name)) return
  for (const inner of fs.readdirSync(full, { withFileTypes: true })) closeBelow(path.join(full, inner.name), inner)
}

function close(full: string, mode: number): void {
  try {
    if ((fs.statSync(full).mode & OTHERS) !== 0) fs.chmodSync(full, mode)
  } catch {
    // Gone meanwhile, or another user's.
  }
}
