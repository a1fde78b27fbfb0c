import { existsSync } from 'node:fs'
import { join } from 'node:path'

const NAMES: Partial<Record<NodeJS.Platform, string>> = {
  darwin: 'Electron.app/Contents/MacOS/Electron',
  win32: 'electron.exe',
}

/** Why no window of Electron can be opened here; undefined where it can. */
export function missingElectron(root: string): string | undefined {
  const name = NAMES[process.platform] ?? 'electron'
  const folders = [process.env.ELECTRON_OVERRIDE_DIST_PATH, join(root, 'node_modules', 'electron', 'dist')]
  const there = folders.flatMap(folder => (folder ? [join(folder, name)] : [])).some(existsSync)
  if (!there) return 'no Electron binary here (ELECTRON_OVERRIDE_DIST_PATH, or npx install-electron)'
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
  return display ? undefined : 'no display for Electron, and no xvfb-run'
}
