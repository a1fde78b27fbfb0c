import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import fs from 'node:fs'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { childEnvironment } from '../../shared/domain/child-environment.ts'
import { isAlive } from './ancestors.ts'
import { findPostgres, linkLibraries, reachableBinaries } from './postgres-binaries.ts'

/**
 * A real Postgres server of our own on this computer, for the demo registry and for tests: on 127.0.0.1 at a free port,
 * behind a random password (scram-sha-256), ended with the process that started it.
 *
 *   folder/pgdata     the cluster, owned by an unprivileged user where we are root, for Postgres refuses root
 *   folder/password   of its superuser, readable by us alone
 *   folder/owner.pid  who runs it: two at once would fight over the cluster
 */
export type EmbeddedPostgres = {
  /** Superuser's connection string to the database `postgres`. */
  url: string
  /** The same to another database of this server. */
  urlOf(database: string): string
  port: number
  pid: number
  folder: string
  /** Ends the server (and removes a temporary folder). Can be called twice. */
  stop(): Promise<void>
}

export type StartOptions = {
  /** Kept between runs; undefined is a temporary folder, removed by `stop`. */
  folder?: string
  /** Preferred, so that an address from an earlier run goes on working; another one is taken where it is in use. */
  port?: number
  progress?: (step: 'copying' | 'creating' | 'starting' | 'ready') => void
  /** Trades durability for speed: for tests only. */
  fast?: boolean
  /** Further settings, such as `{ max_connections: '200' }`. */
  settings?: Record<string, string>
}

export type StartResult =
  | { kind: 'started'; server: EmbeddedPostgres }
  /** No server for this platform: for a person, and for a skipped test. */
  | { kind: 'unavailable'; reason: string }
  /** Another run of ours has this folder. */
  | { kind: 'busy'; reason: string; pid: number }
  | { kind: 'failed'; reason: string }

const SUPERUSER = 'registry_owner'
const FAST = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', autovacuum: 'off' }
const STOP_MS = 10_000

export async function startEmbeddedPostgres(options: StartOptions = {}): Promise<StartResult> {
  const found = findPostgres()
  if (found.kind === 'missing') return { kind: 'unavailable', reason: found.reason }
  const runAs = unprivilegedUser()
  if (runAs === undefined)
    return {
      kind: 'unavailable',
      reason: 'Postgres refuses to run as root, and this system has no other user to run it as.',
    }

  const temporary = options.folder === undefined
  const folder = options.folder ?? fs.mkdtempSync(path.join(os.tmpdir(), 'whetstone-pg-'))
  fs.mkdirSync(folder, { recursive: true })
  const busy = await claim(folder)
  if (busy !== undefined) return { kind: 'busy', pid: busy, reason: `Another process (${busy}) is using ${folder}.` }

  linkLibraries(found.folder)
  if (runAs.uid !== undefined) options.progress?.('copying')
  const { binaries, release } =
    runAs.uid === undefined ? { binaries: found, release: () => undefined } : reachableBinaries(found)
  const cleanUp = () => {
    release()
    fs.rmSync(path.join(folder, 'owner.pid'), { force: true })
    if (temporary) fs.rmSync(folder, { recursive: true, force: true })
  }
  try {
    const password = await ensureCluster(binaries.initdb, folder, runAs, options)
    options.progress?.('starting')
    const { child, port } = await startServer(binaries.postgres, folder, runAs, options)
    const guard = guardAgainstOrphans(child, runAs)
    options.progress?.('ready')
    const urlOf = (database: string) =>
      `postgres://${SUPERUSER}:${password}@127.0.0.1:${port}/${encodeURIComponent(database)}`
    let stopping: Promise<void> | undefined
    const server: EmbeddedPostgres = {
      url: urlOf('postgres'),
      urlOf,
      port,
      pid: child.pid ?? 0,
      folder,
      stop: () => {
        stopping ??= stopServer(child, binaries.pgCtl, dataDir(folder)).then(() => {
          guard()
          cleanUp()
        })
        return stopping
      },
    }
    return { kind: 'started', server }
  } catch (error) {
    cleanUp()
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) }
  }
}

type RunAs = { uid?: number; gid?: number }

const dataDir = (folder: string): string => path.join(folder, 'pgdata')

/** Who the server runs as: ourselves, or where we are root the least of the users of this system. */
function unprivilegedUser(): RunAs | undefined {
  if (process.getuid?.() !== 0) return {}
  const users = fs
    .readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map(line => line.split(':'))
    .filter(([, , uid]) => Number(uid) > 0)
  const user = users.find(([name]) => name === 'nobody') ?? users[0]
  return user && { uid: Number(user[2]), gid: Number(user[3]) }
}

/**
 * The cluster's folder as its processes name it. The dropped user may not be allowed through the folders above (a home
 * under /root), so on Linux the server is started inside it and calls it by its own working directory.
 */
const nameOfDataDir = (folder: string, runAs: RunAs): string =>
  runAs.uid !== undefined && process.platform === 'linux' ? '/proc/self/cwd' : dataDir(folder)

async function ensureCluster(initdb: string, folder: string, runAs: RunAs, options: StartOptions): Promise<string> {
  const passwordFile = path.join(folder, 'password')
  // PG_VERSION is made early by initdb, the password file last by us: without both the cluster was never finished.
  if (fs.existsSync(path.join(dataDir(folder), 'PG_VERSION')) && fs.existsSync(passwordFile))
    return fs.readFileSync(passwordFile, 'utf8')
  options.progress?.('creating')
  fs.rmSync(dataDir(folder), { recursive: true, force: true })
  fs.mkdirSync(dataDir(folder), { mode: 0o700 })
  if (runAs.uid !== undefined && runAs.gid !== undefined) fs.chownSync(dataDir(folder), runAs.uid, runAs.gid)
  const password = randomBytes(24).toString('base64url')
  const newPassword = path.join(folder, 'password.new')
  fs.writeFileSync(newPassword, `${password}\n`, { mode: 0o600 })
  if (runAs.uid !== undefined && runAs.gid !== undefined) fs.chownSync(newPassword, runAs.uid, runAs.gid)
  const windows = process.platform === 'win32'
  const args = ['-D', nameOfDataDir(folder, runAs), '-U', SUPERUSER, '--auth=scram-sha-256']
  // As an open file, for the dropped user may not be allowed through the folders above it.
  args.push(`--pwfile=${windows ? newPassword : '/dev/stdin'}`)
  // Sorted by code point and independent of this system's locales, so that a cluster can move between machines.
  args.push(
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-instructions',
  )
  if (options.fast) args.push('--no-sync')
  const input = fs.openSync(newPassword, 'r')
  const stdio: StdioOptions = [input, 'ignore', 'pipe']
  const [code, said] = await outcome(
    spawn(initdb, args, { ...runAs, cwd: dataDir(folder), env: cleanEnvironment(), stdio }),
  )
  fs.closeSync(input)
  fs.rmSync(newPassword)
  if (code !== 0) throw new Error(`The database could not be created: ${said.trim() || `initdb ended with ${code}`}`)
  fs.writeFileSync(passwordFile, password, { mode: 0o600 })
  return password
}

/** Starts on a free port; another program may take that between our looking and Postgres's listening, so up to five times. */
async function startServer(
  postgres: string,
  folder: string,
  runAs: RunAs,
  options: StartOptions,
): Promise<{ child: ChildProcess; port: number }> {
  const settings = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    log_destination: 'stderr',
    logging_collector: 'off',
    log_min_messages: 'warning',
    lc_messages: 'C',
    ...(options.fast ? FAST : {}),
    ...options.settings,
  }
  for (let attempt = 1; ; attempt++) {
    const port = attempt === 1 && options.port !== undefined ? options.port : await freePort()
    const args = ['-D', nameOfDataDir(folder, runAs), '-p', String(port)]
    for (const [name, value] of Object.entries(settings)) args.push('-c', `${name}=${value}`)
    // Its own process group: Ctrl-C in the terminal reaches us, and we end it in order.
    const detached = process.platform !== 'win32'
    const spawnOptions = { ...runAs, cwd: dataDir(folder), env: cleanEnvironment(), detached }
    const child = spawn(postgres, args, { ...spawnOptions, stdio: ['ignore', 'ignore', 'pipe'] })
    const problem = await ready(child)
    if (problem === undefined) return { child, port }
    if (attempt >= 5 || !problem.includes('Address already in use'))
      throw new Error(`Postgres did not start: ${problem}`)
  }
}

/** Undefined once it accepts connections, else what it said before it ended. */
function ready(child: ChildProcess): Promise<string | undefined> {
  return new Promise(resolve => {
    const said: string[] = []
    if (child.stderr)
      createInterface(child.stderr).on('line', line => {
        if (line.includes('database system is ready to accept connections')) resolve(undefined)
        else if (said.length < 50) said.push(line)
      })
    child.once('error', error => resolve(error.message))
    child.once('close', code => resolve(said.join('\n') || `it ended with ${code}`))
  })
}

/**
 * Postgres outlives a parent that is killed. So a shell waits on a pipe that only our death closes, and then asks the
 * server to stop. The answer ends that shell. (Windows has no such shell; there `claim` ends the orphan at the next start.)
 */
function guardAgainstOrphans(child: ChildProcess, runAs: RunAs): () => void {
  if (process.platform === 'win32') return () => undefined
  const guard = spawn('/bin/sh', ['-c', 'read _; kill -INT "$0"', String(child.pid)], {
    ...runAs,
    cwd: '/',
    env: {},
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  })
  guard.unref()
  child.unref()
  return () => guard.kill('SIGKILL')
}

async function stopServer(child: ChildProcess, pgCtl: string, folder: string): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = new Promise<void>(resolve => child.once('close', () => resolve()))
  // SIGINT is Postgres's 'fast' shutdown: it rolls back what runs and writes everything. Windows has no signals.
  if (process.platform === 'win32') {
    spawn(pgCtl, ['stop', '-D', folder, '-m', 'fast'], { env: cleanEnvironment(), stdio: 'ignore' })
  } else child.kill('SIGINT')
  const timer = setTimeout(() => child.kill('SIGQUIT'), STOP_MS)
  await ended
  clearTimeout(timer)
}

/**
 * Takes the folder for this process, ending a server that a killed run left; or answers who has it. An owner that lives
 * without a server is none: process numbers are used again.
 */
async function claim(folder: string): Promise<number | undefined> {
  const ownerFile = path.join(folder, 'owner.pid')
  const pidFile = path.join(dataDir(folder), 'postmaster.pid')
  const owner = readPid(ownerFile)
  const server = readPid(pidFile)
  const running = server !== undefined && isAlive(server) && runsIn(server, dataDir(folder))
  if (running && owner !== undefined && isAlive(owner)) return owner
  fs.writeFileSync(ownerFile, String(process.pid))
  if (running) {
    process.kill(server, 'SIGINT')
    for (let n = 0; n < 200 && isAlive(server); n++) await new Promise(resolve => setTimeout(resolve, 50))
  }
  // Its number may belong to another program by now, which Postgres would respect.
  else fs.rmSync(pidFile, { force: true })
  return undefined
}

function readPid(file: string): number | undefined {
  try {
    const pid = Number.parseInt(fs.readFileSync(file, 'utf8'), 10)
    return pid > 0 ? pid : undefined
  } catch {
    return undefined
  }
}

/** Whether that process is the server of this folder; where the system does not tell (outside Linux), that it lives must do. */
const runsIn = (pid: number, folder: string): boolean => {
  const cwd = linkOf(`/proc/${pid}/cwd`)
  return cwd === undefined ? process.platform !== 'linux' : cwd === fs.realpathSync(folder)
}

function linkOf(file: string): string | undefined {
  try {
    return fs.readlinkSync(file)
  } catch {
    return undefined
  }
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = net.createServer()
    server.once('error', reject)
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : 0))
    })
  })
}

/** Nothing of PGDATA, PGPORT and the like may reach a server that is not the reader's own. */
const cleanEnvironment = (): NodeJS.ProcessEnv => {
  const { LC_ALL: _, ...rest } = childEnvironment(process.env, ['LD_LIBRARY_PATH', 'DYLD_LIBRARY_PATH', 'TZ'])
  return rest
}

async function outcome(child: ChildProcess): Promise<[number | null, string]> {
  let said = ''
  child.stderr?.on('data', chunk => {
    said += String(chunk)
  })
  return await new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', code => resolve([code, said]))
  })
}
