import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
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
