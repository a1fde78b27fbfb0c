import { existsSync, rmSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { homedir, tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { pathToFileURL } from 'node:url'
import openPackage from 'open'

/**
 * Opens an address in this machine's browser; false where there is none. Never an error: the address is printed too.
 */
export async function openInBrowser(address: string): Promise<boolean> {
  if (!hasBrowser(process.platform, process.env)) return false
  try {
    const child = await openPackage(address)
    child.on('error', () => {})
    return true
  } catch {
    return false
  }
}

/** How long the browser has to read the page that leads on. */
const READ_MS = 30_000

/**
 * Opens an address that holds a secret. A program's arguments can be read by every user of the machine, so what the
 * browser is started with is the path of a page that only this user can read and that leads on to the address.
 */
export async function openPrivately(address: string, open: (address: string) => Promise<boolean>): Promise<boolean> {
  if (!hasBrowser(process.platform, process.env)) return false
  // A browser outside the Linux of WSL cannot read its files.
  if (process.env.WSL_DISTRO_NAME) return open(address)
  try {
    const folder = await mkdtemp(join(readableFolder(), 'whetstone-open-'))
    const page = join(folder, 'open.html')
    await writeFile(page, leadingTo(address), { mode: 0o600 })
    const opened = await open(pathToFileURL(page).href)
    const sweep = () => void rm(folder, { recursive: true, force: true })
    setTimeout(sweep, opened ? READ_MS : 0).unref()
    process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
    return opened
  } catch {
    return false
  }
}

/** A browser from a snap has another folder for temporary files, and sees nothing hidden in the home folder. */
const readableFolder = (): string => (existsSync('/snap/bin') ? homedir() : tmpdir())

const leadingTo = (address: string): string =>
  `<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><title>Whetstone</title>` +
  `<meta http-equiv="refresh" content="0;url=${address.replaceAll('&', '&amp;').replaceAll('"', '&quot;')}">\n`

/** On Linux a display and something that opens addresses are needed; elsewhere the system has one. */
export function hasBrowser(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): boolean {
  if (platform !== 'linux') return true
  if (!env.DISPLAY && !env.WAYLAND_DISPLAY) return false
  // xdg-open alone is no browser: it looks for one of these.
  const names = [
    'firefox',
    'google-chrome',
    'chromium',
    'chromium-browser',
    'microsoft-edge',
    'brave-browser',
    'epiphany',
    'x-www-browser',
    'konqueror',
    'falkon',
    'vivaldi',
    'opera',
  ]
  return (env.PATH ?? '').split(delimiter).some(folder => names.some(name => existsSync(join(folder, name))))
}
