import { accessSync, constants, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { delimiter, join } from 'node:path'

/** A Chromium to test in, and how to start it. */
export type Chromium = { executablePath: string; args: string[]; env: Record<string, string>; from: string }

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable', 'microsoft-edge']
const ELSEWHERE = [
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
]

/** Chromium would spend its start failing to reach its maker's servers. As root it refuses to run with its sandbox. */
const args = () => [
  ...(process.getuid?.() === 0 ? ['--no-sandbox'] : []),
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--no-first-run',
  '--disable-quic',
]

/** The installed one, or the one that a package carries (Linux x64), or a sentence that says why there is none. */
export async function findChromium(root: string): Promise<Chromium | { missing: string }> {
  const named = process.env.WHETSTONE_CHROMIUM
  if (named) {
    if (!canRun(named)) return { missing: `WHETSTONE_CHROMIUM names ${named}, which cannot be run.` }
    return { executablePath: named, args: args(), env: {}, from: 'WHETSTONE_CHROMIUM' }
  }
  const folders = (process.env.PATH ?? '').split(delimiter)
  const installed = [...NAMES.flatMap(name => folders.map(folder => join(folder, name))), ...ELSEWHERE].find(canRun)
  if (installed) return { executablePath: installed, args: args(), env: {}, from: 'installed' }
  if (process.platform !== 'linux' || process.arch !== 'x64') {
    return { missing: 'No Chromium is installed here: install one, or name it in WHETSTONE_CHROMIUM.' }
  }
  return unpackCarried(join(root, 'node_modules', '.cache', 'whetstone-chromium'))
}

function canRun(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/**
 * Unpacks the browser that @sparticuz/chromium carries. The package unpacks below the system's folder for temporary
 * files, by fixed names that another user may have taken, and puts its libraries on this process's path; here both are
 * kept to a folder of the project and to the browser alone. Its own arguments, which switch security off, are not used.
 */
async function unpackCarried(folder: string): Promise<Chromium | { missing: string }> {
  const done = join(folder, 'unpacked-153')
  const before = { ...process.env }
  try {
    if (!existsSync(done)) rmSync(folder, { recursive: true, force: true })
    mkdirSync(folder, { recursive: true })
    Object.assign(process.env, { TMPDIR: folder, AWS_LAMBDA_JS_RUNTIME: 'nodejs24.x' })
    const { default: carried } = await import('@sparticuz/chromium')
    const executablePath = await carried.executablePath()
    writeFileSync(join(folder, 'fonts.conf'), fontsConf(folder))
    writeFileSync(done, '')
    const env = { LD_LIBRARY_PATH: join(folder, 'al2023', 'lib'), FONTCONFIG_FILE: join(folder, 'fonts.conf') }
    return { executablePath, args: args(), env, from: '@sparticuz/chromium' }
  } catch (error) {
    return { missing: `The browser among the dependencies could not be unpacked: ${error}` }
  } finally {
    for (const name of ['TMPDIR', 'AWS_LAMBDA_JS_RUNTIME', 'LD_LIBRARY_PATH', 'FONTCONFIG_PATH']) {
      if (before[name] === undefined) delete process.env[name]
      else process.env[name] = before[name]
    }
  }
}

/** The carried configuration names folders of another system. A machine without fonts gets the one that is carried. */
const fontsConf = (folder: string) => `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <include ignore_missing="yes">/etc/fonts/fonts.conf</include>
  <dir>${join(folder, 'fonts', 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(folder, 'fonts-cache')}</cachedir>
</fontconfig>
`
