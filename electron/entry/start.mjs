// @ts-check
// `npm start` and `npm run dev`. Plain JavaScript that Node 20 runs as it is: it finds a newer Node, builds what is
// missing, and opens the window, or says in a sentence why not and serves the app to a browser instead.
import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readdirSync, statSync } from 'node:fs'
import { connect } from 'node:net'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { findNode, ROOT } from './find-node.mjs'

const USAGE = 'Usage: npm start -- [--browser] [--data DIR] [--port N] [--no-open]'

/** @param {string} sentence @returns {never} */
function leave(sentence) {
  console.error(sentence)
  process.exit(1)
}

function readOptions() {
  try {
    const { values } = parseArgs({
      options: {
        browser: { type: 'boolean', default: false },
        dev: { type: 'boolean', default: false },
        data: { type: 'string' },
        port: { type: 'string' },
        'no-open': { type: 'boolean', default: false },
        help: { type: 'boolean', short: 'h', default: false },
      },
    })
    const port = Number(values.port ?? 0)
    if (!Number.isInteger(port) || port < 0 || port > 65_535) throw new Error(`${values.port} is no port number.`)
    return values
  } catch (error) {
    return leave(`${error instanceof Error ? error.message : error} ${USAGE}`)
  }
}

/** @param {string} path @returns {number} when the newest file below was written; 0 when there is nothing. */
function newest(path) {
  if (!existsSync(path)) return 0
  const stat = statSync(path)
  if (!stat.isDirectory()) return stat.mtimeMs
  return Math.max(0, ...readdirSync(path).map(name => newest(join(path, name))))
}

/** @param {string} node */
function buildWhereNeeded(node) {
  const built = ['main/main.js', 'main/browser.js', 'preload/preload.cjs', 'renderer/index.html']
    .map(name => join(ROOT, 'out', name))
    .map(newest)
  const sources = ['electron', 'renderer', 'shared', 'package.json', 'electron.vite.config.ts']
    .map(name => join(ROOT, name))
    .map(newest)
  if (Math.min(...built) >= Math.max(...sources)) return
  console.log('Building the app…')
  const run = spawnSync(node, [join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'], {
    cwd: ROOT,
    encoding: 'utf8',
  })
  if (run.status !== 0) leave(`${run.stdout}\n${run.stderr}\nThe app could not be built: what is wrong stands above.`)
}

const hasDisplay = () =>
  process.platform !== 'linux' || Boolean(process.env.DISPLAY) || Boolean(process.env.WAYLAND_DISPLAY)

/** Electron's executable, where it is on this machine. */
function findElectron() {
  const name = { darwin: 'Electron.app/Contents/MacOS/Electron', win32: 'electron.exe' }[process.platform] ?? 'electron'
  const folders = [process.env.ELECTRON_OVERRIDE_DIST_PATH, join(ROOT, 'node_modules', 'electron', 'dist')]
  return folders.flatMap(folder => (folder ? [join(folder, name)] : [])).find(existsSync)
}

/** Whether the place that Electron's binary comes from answers at all: a download is not begun in vain. */
function canDownload() {
  const url = new URL(process.env.ELECTRON_MIRROR ?? 'https://github.com')
  return new Promise(resolve => {
    const socket = connect({ host: url.hostname, port: Number(url.port) || 443, timeout: 3_000 })
    const answer = (/** @type {boolean} */ reached) => {
      socket.destroy()
      resolve(reached)
    }
    socket.once('connect', () => answer(true))
    socket.once('timeout', () => answer(false))
    socket.once('error', () => answer(false))
  })
}

/** @param {string} node @returns {Promise<{ electron: string } | { missing: string }>} */
async function haveElectron(node) {
  if (!hasDisplay()) return { missing: 'There is no display' }
  const found = findElectron()
  if (found) return { electron: found }
  if (!(await canDownload())) return { missing: 'Electron is not installed and cannot be downloaded from here' }
  console.log('Fetching Electron (about 120 MB, once)…')
  const script = join(ROOT, 'node_modules', 'electron', 'install.js')
  spawnSync(node, [script], { cwd: ROOT, stdio: 'ignore', timeout: 300_000 })
  const fetched = findElectron()
  return fetched ? { electron: fetched } : { missing: 'Electron could not be downloaded' }
}

/**
 * Runs a program in our place: signals are passed on, and the answer is how it ended.
 * @param {string} program @param {string[]} args @param {NodeJS.ProcessEnv} [env]
 * @returns {Promise<{ code: number | null, signal: NodeJS.Signals | null }>}
 */
function run(program, args, env = process.env) {
  return new Promise(resolve => {
    const child = spawn(program, args, { cwd: process.cwd(), env, stdio: 'inherit' })
    const pass = (/** @type {NodeJS.Signals} */ signal) => child.kill(signal)
    /** @type {NodeJS.Signals[]} */
    const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
    for (const signal of signals) process.on(signal, pass)
    const ended = (/** @type {number | null} */ code, /** @type {NodeJS.Signals | null} */ signal) => {
      for (const name of signals) process.off(name, pass)
      resolve({ code, signal })
    }
    child.once('error', error => {
      console.error(error.message)
      ended(127, null)
    })
    child.once('exit', ended)
  })
}

const options = readOptions()
if (options.help) {
  console.log(USAGE)
  process.exit(0)
}
if (!existsSync(join(ROOT, 'node_modules', 'electron-vite'))) leave('The dependencies are missing: npm ci brings them.')
const node = findNode()
const data = options.data === undefined ? [] : ['--data', options.data]

/** @returns {Promise<number>} the exit code */
async function serveBrowser() {
  const port = options.port === undefined ? [] : ['--port', options.port]
  const open = options['no-open'] ? ['--no-open'] : []
  const entry = options.dev ? join(ROOT, 'electron', 'entry', 'dev.ts') : join(ROOT, 'out', 'main', 'browser.js')
  const { code } = await run(node, [entry, ...data, ...port, ...open])
  return code ?? 1
}

/** @param {string} electron @returns {Promise<number | undefined>} the exit code; undefined when it cannot run here */
async function openWindow(electron) {
  const root = process.platform === 'linux' && process.getuid?.() === 0
  if (root) console.error('Running as root: the window runs without Chromium’s sandbox. Use an ordinary account.')
  const began = Date.now()
  const ended = options.dev
    ? await run(
        node,
        [join(ROOT, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'dev', '--watch']
          .concat(root ? ['--noSandbox'] : [])
          .concat(data.length > 0 ? ['--', ...data] : []),
        { ...process.env, ELECTRON_EXEC_PATH: electron, WHETSTONE_NODE: node },
      )
    : await run(electron, [...(root ? ['--no-sandbox'] : []), ROOT, ...data], { ...process.env, WHETSTONE_NODE: node })
  // 127: a shared library is missing. A signal at once: its sandbox or its graphics do not work here.
  const broken = ended.code === 127 || (ended.signal !== null && /SEGV|TRAP|ABRT|ILL|BUS/.test(ended.signal))
  return broken && Date.now() - began < 15_000 ? undefined : (ended.code ?? 1)
}

if (!options.dev) buildWhereNeeded(node)
if (!options.browser) {
  const have = await haveElectron(node)
  const code = 'electron' in have ? await openWindow(have.electron) : undefined
  if (code !== undefined) process.exit(code)
  const why = 'missing' in have ? have.missing : 'Electron does not run on this machine'
  console.log(`${why}, so Whetstone is served to a browser instead.`)
}
process.exit(await serveBrowser())
