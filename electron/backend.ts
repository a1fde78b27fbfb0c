import { tmpdir } from 'node:os'
import path from 'node:path'
import { EventPublisher } from '@orpc/server'
import { type Change, change, type LibraryStatus } from '../shared/contract/system.ts'
import type { BenchmarkControl, Engine } from './benchmark/control.ts'
import { sweepBeside } from './library/beside.ts'
import { Generation } from './library/generation.ts'
import { OutboxJournal } from './library/journal.ts'
import { Library } from './library/library.ts'
import { openLibrary, suspect } from './library/open.ts'
import { decodeInvite } from './registry/invite.ts'
import type { Secrets } from './secrets.ts'
import { agentCommandsService, allowProgram } from './services/agent-commands.ts'
import { Batches } from './services/benchmark-batches.ts'
import { benchmarksService } from './services/benchmarks.ts'
import { casesService } from './services/cases.ts'
import { compareService } from './services/compare.ts'
import { announce, type Context, os } from './services/context.ts'
import { DemoRegistry } from './services/demo-registry.ts'
import { exportsService } from './services/exports.ts'
import { feedbackService } from './services/feedback.ts'
import { filesService } from './services/files.ts'
import { Folders } from './services/folders.ts'
import { gatesService } from './services/gates.ts'
import { importsService } from './services/imports.ts'
import { Indexer } from './services/indexing.ts'
import { measurementsService } from './services/measurements.ts'
import { mergesService } from './services/merges.ts'
import { noTeams } from './services/no-teams.ts'
import { providersService } from './services/providers.ts'
import { ratingsService } from './services/ratings.ts'
import { registriesService } from './services/registries.ts'
import type { RegistryTools } from './services/registry-tools.ts'
import { resultsService } from './services/results.ts'
import { settingsService } from './services/settings.ts'
import { skillsService } from './services/skills.ts'
import { ensurePersonalSpace, spacesService } from './services/spaces.ts'
import { type ReadInvite, syncService } from './services/sync.ts'
import { systemService } from './services/system.ts'
import { triggerTestsService } from './services/trigger-tests.ts'
import { versionsService } from './services/versions.ts'
import { workingCopiesService } from './services/working-copies.ts'
import type { SyncControl } from './sync/control.ts'
import type { AtPoint } from './sync/points.ts'
import type { TeamRegistry } from './sync/team-registry.ts'
import { Teams } from './sync/teams.ts'

export type BackendOptions = {
  /** Holds library.db and its backups; made when missing. */
  dataDir: string
  resources: { migrations: string; sample: string }
  /** Milliseconds since 1970. */
  clock: () => number
  /** UUID, version 7. */
  newId: () => string
  home: string
  platform: NodeJS.Platform
  appVersion: string
  /** Passwords and keys of teams, registries and model providers. */
  secrets: Secrets
  /** How this computer's teams are synced. Left out: nobody syncs, as on the command line beside an app that does. */
  sync?: SyncOptions
  /** Begins the demo registry again where it ran when the app was closed. For the app, not for the command line. */
  resumeDemo?: boolean
  /** Where keys of model providers may stand as well, and what an agent's command line is passed. Left out: nothing. */
  environment?: Readonly<Record<string, string | undefined>>
  log: (line: string) => void
}

export type SyncOptions = {
  /** In [0, 1). */
  random: () => number
  /** Calls back after so many milliseconds; the answer takes it back. */
  after: (ms: number, callback: () => void) => () => void
  /** The other side. Left out: Postgres and a bucket, loaded when a team is first reached for. */
  registry?: () => Promise<TeamRegistry>
  /** Where a fault may strike (electron/sync/points.ts). */
  point?: AtPoint
}

export type Backend = {
  /** Serves `appContract` on any port: `new RPCHandler(backend.router).upgrade(port)`. */
  router: ReturnType<typeof createRouter>
  /** Resolves when search entries and figures have caught up with every version. */
  settled: () => Promise<void>
  /**
   * Keeps a person's consent to run what a text says. Not among the page's methods: only a process that asked the person
   * itself calls it. False where the library cannot keep it.
   */
  allowProgram: (text: string) => boolean
  close: () => Promise<void>
}

/** How often another process's changes (the command line's, say) are looked for. */
const WATCH_MS = 1_000

/**
 * The composition root: everything the services need is made here and passed in. A library that cannot be opened does
 * not stop it: `system.info` then says why, and every other method answers that the library is not open.
 */
export async function startBackend(options: BackendOptions): Promise<Backend> {
  const backend = new Opened(options)
  backend.open()
  return {
    router: createRouter(backend),
    settled: () => backend.indexer.settled(),
    allowProgram: text => allowProgram(backend.context, text),
    close: () => backend.close(),
  }
}

class Opened {
  readonly options: BackendOptions
  readonly context: Context
  readonly indexer: Indexer
  readonly sync: SyncControl
  readonly #teams: Teams | undefined
  readonly demo: DemoRegistry
  readonly benchmark: BenchmarkControl
  readonly batches: Batches
  #engine: Promise<Engine> | undefined
  status: LibraryStatus = { state: 'ready' }
  #watch: NodeJS.Timeout | undefined
  /** What is kept beside library.db, for the day it breaks. */
  #beside: { journal: OutboxJournal; generation: Generation } | undefined

  constructor(options: BackendOptions) {
    this.options = options
    this.context = {
      library: new Library(),
      clock: options.clock,
      newId: options.newId,
      home: options.home,
      platform: options.platform,
      sample: options.resources.sample,
      folders: new Folders(options.home),
      secrets: options.secrets,
      registry: () => loadRegistryTools(options),
      changes: new EventPublisher<{ change: Change }>(),
      log: options.log,
    }
    this.indexer = new Indexer(this.context)
    this.benchmark = {
      engine: () => {
        this.#engine ??= loadEngine(options)
        return this.#engine
      },
      environment: options.environment ?? {},
      owner: String(process.pid),
      alive,
    }
    this.batches = new Batches(this.context, this.benchmark)
    this.#teams = options.sync && this.#makeTeams(options.sync)
    this.sync = this.#teams ?? noTeams
    const demoFolder = path.join(options.dataDir, 'demo-registry')
    this.demo = new DemoRegistry(this.context, demoFolder, tenantId => this.sync.now(tenantId))
    // Whatever was changed may have been queued in the same transaction.
    this.context.changes.subscribe('change', () => this.sync.wake())
  }

  get migrations(): string {
    return path.join(this.options.resources.migrations, 'sqlite')
  }

  open(asItIs = false): void {
    const { dataDir, clock, log } = this.options
    const opened = openLibrary({ dataDir, migrations: this.migrations, now: clock, asItIs }, this.context.library)
    if ('problem' in opened) {
      this.status = { state: 'problem', ...opened.problem }
      log(`${opened.problem.happened} ${opened.problem.kept} ${opened.problem.todo}`)
      return
    }
    this.status = { state: 'ready' }
    this.#keepBeside(opened.library)
    ensurePersonalSpace(this.context)
    this.indexer.wake()
    this.#watchOthers(opened.library)
    void this.#teams?.open()
    if (this.options.resumeDemo === true) this.demo.resume()
  }

  #makeTeams(sync: SyncOptions): Teams {
    const { clock, newId, secrets, resources, log } = this.options
    return new Teams({
      library: this.context.library,
      secrets,
      registry: async () => (await import('./team-registry.ts')).teamRegistry(resources.migrations),
      clock,
      newId,
      log,
      ...sync,
      changed: (nouns, skillIds) => {
        if (nouns.includes('versions') || nouns.includes('skills')) this.indexer.wake()
        announce(this.context, nouns, skillIds)
      },
    })
  }

  #keepBeside(library: Library): void {
    const { dataDir, clock, log } = this.options
    sweepBeside(dataDir, clock())
    const journal = new OutboxJournal(library, dataDir, log)
    const generation = new Generation(library, dataDir, log)
    this.#beside = { journal, generation }
    library.committed = () => {
      journal.wake()
      generation.wake()
    }
    library.suspected = () => {
      library.suspected = undefined
      suspect(dataDir)
      // Started again, the backend looks at every page and says what is wrong, instead of going on with half a library.
      setImmediate(() => {
        throw new Error('The library file is damaged. It is looked at from the beginning.')
      })
    }
    journal.wake()
  }

  /** Another process may write the same library (SQLite shares it safely): its commits show in `data_version`. */
  #watchOthers(library: Library): void {
    let seen = library.db.pragma('data_version', { simple: true })
    this.#watch = setInterval(() => {
      const now = library.db.pragma('data_version', { simple: true })
      if (now === seen) return
      seen = now
      this.indexer.wake()
      this.#beside?.journal.wake()
      // What it was cannot be told, so it is everything.
      const nouns = change.shape.nouns.element.options
      this.context.changes.publish('change', { nouns: [...nouns], skillIds: [] })
    }, WATCH_MS)
    this.#watch.unref()
  }

  async close(): Promise<void> {
    clearInterval(this.#watch)
    await this.batches.close()
    await (await this.#engine)?.close()
    await this.indexer.stop()
    await this.sync.close()
    await this.demo.close()
    await this.#closeBeside()
    this.context.library.close()
  }

  /** Last, so that whatever was committed is vouched for. */
  async #closeBeside(): Promise<void> {
    const beside = this.#beside
    this.#beside = undefined
    this.context.library.committed = undefined
    if (!beside) return
    beside.generation.stop()
    await Promise.all([beside.journal.settled(), beside.generation.mark()])
    await beside.journal.stop()
  }
}

function createRouter(backend: Opened) {
  const { context, indexer, options } = backend
  return os.router({
    system: systemService({
      appVersion: options.appVersion,
      instance: options.newId(),
      dataDir: options.dataDir,
      libraryPath: path.join(options.dataDir, 'library.db'),
      platform: options.platform,
      clock: options.clock,
      migrations: backend.migrations,
      newId: options.newId,
      status: () => backend.status,
      changes: context.changes,
      reopen: asItIs => backend.open(asItIs),
    }),
    spaces: spacesService(context, () => indexer.wake()),
    skills: skillsService(context, indexer),
    versions: versionsService(context, indexer, backend.sync),
    workingCopies: workingCopiesService(context),
    files: filesService(context),
    compare: compareService(context),
    measurements: measurementsService(context),
    merges: mergesService(context, indexer),
    imports: importsService(context, indexer),
    exports: exportsService(context),
    ratings: ratingsService(context),
    registries: registriesService(context, backend.demo),
    feedback: feedbackService(context),
    cases: casesService(context),
    results: resultsService(context),
    settings: settingsService(context),
    sync: syncService(context, backend.sync, indexer, readInvite),
    providers: providersService(context, backend.benchmark),
    agentCommands: agentCommandsService(context, backend.benchmark),
    benchmarks: benchmarksService(context, backend.benchmark, backend.batches),
    triggerTests: triggerTestsService(context, backend.benchmark),
    gates: gatesService(context),
  })
}

/** Four vendors' SDKs, loaded when a model is first to be asked. */
async function loadEngine({ clock, platform, environment = {} }: BackendOptions): Promise<Engine> {
  const { Engine } = await import('./benchmark/engine.ts')
  return new Engine({ now: clock, random: Math.random, platform, environment, tempDir: tmpdir() })
}

/** Whether a process of that id still runs: one that may not be asked does, too. */
function alive(owner: string): boolean {
  try {
    process.kill(Number(owner), 0)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM'
  }
}

/** Postgres, S3 and their like are loaded when a registry is first reached for. */
async function loadRegistryTools({ resources, clock, newId }: BackendOptions): Promise<RegistryTools> {
  const { registryTools } = await import('./registry/tools.ts')
  return registryTools({ migrations: path.join(resources.migrations, 'postgres'), clock, newId })
}

/** What an invite says of itself; its secrets stay behind. */
const readInvite: ReadInvite = text => {
  const read = decodeInvite(text)
  if (read.kind === 'invalid') return read
  const { tenant, user, role, database, storage, expiresAt } = read.invite
  return {
    kind: 'invite',
    summary: {
      tenantId: tenant.id,
      team: tenant.name,
      user: user.name,
      role,
      host: hostOf(database),
      storage: storage === null ? null : storage.kind === 'folder' ? storage.path : hostOf(storage.endpoint),
      expiresAt,
    },
  }
}

const hostOf = (address: string): string => (URL.canParse(address) ? new URL(address).host : 'an unknown address')
