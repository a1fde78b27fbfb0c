import { existsSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

/**
 * The folder that holds package.json and migrations/, found upwards from a module: the same from a source file, from
 * out/main (or a chunk below it), and inside a package.
 *
 * @param from `import.meta.url` of the caller.
 */
export function projectRoot(from: string): string {
  let folder = dirname(fileURLToPath(from))
  while (!(existsSync(join(folder, 'package.json')) && existsSync(join(folder, 'migrations')))) {
    const above = dirname(folder)
    if (above === folder) throw new Error('The folder of the application is incomplete: migrations/ is missing.')
    folder = above
  }
  return folder
}

/** Where the library lives unless somebody says otherwise: each platform's place for an application's data. */
export function defaultDataDir(platform: NodeJS.Platform, env: NodeJS.ProcessEnv, home: string): string {
  if (env.WHETSTONE_DATA) return env.WHETSTONE_DATA
  if (platform === 'win32') return join(env.APPDATA || join(home, 'AppData', 'Roaming'), 'Whetstone')
  if (platform === 'darwin') return join(home, 'Library', 'Application Support', 'Whetstone')
  // XDG Base Directory Specification 0.8: a relative path in the variable is to be ignored.
  const xdg = env.XDG_DATA_HOME
  return join(xdg?.startsWith('/') ? xdg : join(home, '.local', 'share'), 'whetstone')
}
