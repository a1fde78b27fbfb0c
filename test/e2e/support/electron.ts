import { existsSync } from 'node:fs'
import { join } from 'node:path'

/** An Electron that can open a window here, or a sentence that says why not. */
export function findElectron(root: string): { executablePath: string } | { missing: string } {
  const name = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform as string]
  const folders = [process.env.ELECTRON_OVERRIDE_DIST_PATH, join(root, 'node_modules', 'electron', 'dist')]
  const executablePath = folders
    .flatMap(folder => (folder ? [join(folder, name ?? 'electron')] : []))
    .find(path => existsSync(path))
  if (executablePath === undefined) {
    return { missing: 'no Electron binary here (ELECTRON_OVERRIDE_DIST_PATH, or npx install-electron)' }
  }
  const display = process.platform !== 'linux' || process.env.DISPLAY || process.env.WAYLAND_DISPLAY
  return display ? { executablePath } : { missing: 'no display for Electron, and no xvfb-run' }
}
