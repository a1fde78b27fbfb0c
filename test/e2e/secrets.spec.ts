import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeInvite } from '../../electron/registry/invite.ts'
import { modelServer } from '../support/model-server.ts'
import { connectTo, serviceOf } from './support/services.ts'
import { type Computer, expect, joinQuietly, newSkill, save, spaceOf, test } from './support/team.ts'

/**
 * Secrets that can be recognised are planted everywhere that the app takes one, the app is used, in good ways and bad, and
 * then they are looked for everywhere that they must not be.
 */
const PLANTED = {
  OPENAI_API_KEY: 'planted-openai-key-0001',
  AWS_SECRET_ACCESS_KEY: 'planted-aws-secret-0002',
  PGPASSWORD: 'planted-postgres-password-0003',
  SOMEBODY_ELSES_TOKEN: 'planted-other-token-0004',
}
const PROVIDER_KEY = 'planted-provider-key-0005'
const OWNER_PASSWORD = 'planted-owner-password-0006'
/** Given to the agent by name, so that it gets this one and no other. */
const WANTED = 'planted-for-the-agent-0007'

const before = { ...process.env }
test.beforeAll(() => {
  Object.assign(process.env, PLANTED, { WANTED })
})
test.afterAll(() => {
  for (const name of [...Object.keys(PLANTED), 'WANTED']) {
    if (before[name] === undefined) delete process.env[name]
    else process.env[name] = before[name]
  }
})

test('@browser planted secrets reach no log, file, argument or environment that they have no business in', async ({
  registry,
  open,
}) => {
  test.skip(process.platform !== 'linux', 'arguments and environments of processes are read from /proc')
  if ('missing' in registry) return test.skip(true, registry.missing)
  const { invite } = await registry.invite('Sasha', 'admin')
  const read = decodeInvite(invite)
  if (read.kind !== 'invite' || read.invite.storage?.kind !== 'r2') throw new Error('That is no invite.')
  const password = decodeURIComponent(new URL(read.invite.database).password)
  const bucketKey = read.invite.storage.secretAccessKey

  const app = await open()
  const folder = await mkdtemp(join(tmpdir(), 'whetstone-secrets-'))
  await using models = await modelServer(() => ({
    status: 401,
    message: `Incorrect API key provided: ${PROVIDER_KEY}`,
  }))
  try {
    const session: { secret: string } = await app.page.evaluate(() =>
      JSON.parse(sessionStorage.getItem('whetstone-session') ?? '{}'),
    )
    const told = await exercise(app, { invite, models: models.url, folder, owner: ownerUrl(read.invite.database) })
    const agent = await runAgent(app, folder)
    const kept = secretsFile(app.dataDir)
    await app.killBackend()
    // The connection of before ended with the backend.
    const { api, close } = await connectTo(app)
    told.push(JSON.stringify([await api.sync.status(), await api.providers.list(), await api.registries.list()]))
    close()
    const secrets = {
      ...PLANTED,
      PROVIDER_KEY,
      OWNER_PASSWORD,
      invite,
      inviteBody: invite.split('.')[1] ?? '',
      password,
      bucketKey,
      session: session.secret,
      token: app.output.join('\n').match(/#token=(\S+)/)?.[1] ?? '',
      ...Object.fromEntries(kept.map((value, index) => [`keychain ${index}`, value])),
    }
    expect(kept.length).toBeGreaterThan(0)
    for (const value of Object.values(secrets)) expect(value.length).toBeGreaterThan(12)

    const places: Record<string, string> = {
      terminal: app.output.filter(line => !line.startsWith('Whetstone is at ')).join('\n'),
      'answers to the page': told.join('\n'),
      ...agent.processes,
      ...filesBelow(app.dataDir, ['secrets.json']),
      ...filesBelow(folder, []),
    }
    const found = Object.entries(places).flatMap(([place, text]) =>
      Object.entries(secrets)
        .filter(([, secret]) => text.includes(secret))
        .map(([name]) => `${name} in ${place}`),
    )
    expect(found).toEqual([])
    // The agent was given what it was to have, so that the search had something to look through.
    expect(agent.environment).toContain(WANTED)
    expect(Object.keys(agent.processes).length).toBeGreaterThan(3)
    // What is kept is this user's alone.
    expect(statSync(join(app.dataDir, 'secrets.json')).mode & 0o077).toBe(0)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

const ownerUrl = (database: string): string => {
  const url = new URL(database)
  url.username = 'postgres'
  url.password = OWNER_PASSWORD
  return url.href
}

/** Joining, syncing, exporting and asking models, and each of these as it fails; answers what the page was told. */
async function exercise(
  app: Computer,
  given: { invite: string; models: string; folder: string; owner: string },
): Promise<string[]> {
  const told: string[] = []
  const { api } = app
  const failing = async (work: () => Promise<unknown>) => {
    told.push(
      await work().then(
        answer => JSON.stringify(answer),
        (error: unknown) => JSON.stringify([error, error instanceof Error ? `${error.message} ${error.stack}` : '']),
      ),
    )
  }
  const drained = async (steps: Promise<AsyncIterable<unknown>>) => {
    const seen: unknown[] = []
    for await (const step of await steps) seen.push(step)
    return seen
  }
  await failing(() => drained(api.sync.join({ invite: given.invite.slice(0, -4) })))
  await joinQuietly(app, given.invite)
  // Used up by now.
  await failing(() => drained(api.sync.join({ invite: given.invite })))
  const tenantId = await spaceOf(app, 'team')
  const skillId = await newSkill(app, tenantId, 'brief', 'one')
  await save(app, skillId, 'two')
  await expect.poll(async () => (await api.sync.status())[0]?.state).toBe('synced')
  await failing(() =>
    api.exports.toFolder({ of: { kind: 'working', skillId }, parent: given.folder, overwrite: false }),
  )
  await failing(() => api.registries.look({ database: given.owner, storage: null }))
  const provider = await api.providers.save({
    name: 'Local',
    kind: 'compatible',
    baseUrl: given.models,
    models: ['north'],
    concurrency: 1,
  })
  await api.providers.setKey({ id: provider.id, key: PROVIDER_KEY })
  // It answers as providers do, with the key in its words.
  await failing(() => api.providers.test({ id: provider.id, model: 'north' }))
  await failing(() => api.providers.test({ id: 'none', model: 'north' }))
  return told
}

/** Runs an agent that waits, and looks at every process of the app meanwhile. */
async function runAgent(
  app: Computer,
  folder: string,
): Promise<{ environment: string; processes: Record<string, string> }> {
  const { api } = app
  const [said, go] = [join(folder, 'said'), join(folder, 'go')]
  const program = join(folder, 'agent.cjs')
  await writeFile(
    program,
    `const fs = require('node:fs')
     fs.writeFileSync(${JSON.stringify(said)}, String(process.pid))
     setInterval(() => { if (fs.existsSync(${JSON.stringify(go)})) { console.log('done'); process.exit(0) } }, 20)`,
  )
  const command = await api.agentCommands.save({
    name: 'Agent',
    argv: [process.execPath, program],
    form: 'text',
    layout: '.claude/skills',
    variables: ['WANTED'],
    timeLimitMs: 120_000,
  })
  const desktop = await serviceOf(app, 'desktop')
  await desktop.askToAllow({ text: command.text })
  const code = () => app.output.findLast(line => line.startsWith('To allow it'))?.match(/(\d{4}) (\d{4})$/)
  await expect.poll(code).toBeTruthy()
  expect(await desktop.allowByCode({ code: code()?.slice(1).join('') ?? '' })).toEqual({ state: 'allowed' })
  const skill = (await api.skills.list({ tenantId: await spaceOf(app, 'team') })).rows[0]?.id ?? ''
  await api.cases.add({
    skillId: skill,
    content: { name: 'One', prompt: 'Go.', expectedOutput: null, assertions: [], weight: 1, tags: [], files: [] },
  })
  const input = {
    skillId: skill,
    subjects: [{ kind: 'none' as const }],
    contestants: [{ kind: 'command' as const, commandId: command.id }],
    repeats: 1,
    settings: {
      manner: 'progressive' as const,
      maxSteps: 10,
      maxOutputTokens: 1_000,
      temperature: null,
      timeLimitMs: 60_000,
    },
    judge: null,
    judgeMayContend: false,
    budgetMicrocents: null,
    acceptUnpriced: true,
  }
  const { hash } = await api.benchmarks.plan(input)
  const { batchId } = await api.benchmarks.start({ ...input, consent: hash })
  await expect.poll(() => existsSync(said) && readFileSync(said, 'utf8') !== '').toBe(true)
  const pid = Number(readFileSync(said, 'utf8'))
  const environment = readFileSync(`/proc/${pid}/environ`, 'utf8')
  const processes = processesOf(app)
  await writeFile(go, '')
  for await (const _ of await api.benchmarks.watch({ id: batchId }));
  return { environment, processes }
}

/**
 * Arguments of the host and all below it, and the environment of all but the host and the backend: what the person's
 * terminal gave these two is where they read keys from.
 */
function processesOf(app: Computer): Record<string, string> {
  const host = Number(app.hostPid?.())
  const parents = new Map<number, number>()
  for (const name of readdirSync('/proc').filter(one => /^\d+$/.test(one))) {
    const parent = readProc(name, 'status').match(/^PPid:\s+(\d+)$/m)?.[1]
    if (parent !== undefined) parents.set(Number(name), Number(parent))
  }
  const family = [host]
  for (const pid of family) for (const [child, parent] of parents) if (parent === pid) family.push(child)
  const backend = Number(
    app.output
      .findLast(line => line.startsWith('backend: process'))
      ?.split(' ')
      .at(-1),
  )
  const places: Record<string, string> = {}
  for (const pid of family) {
    places[`arguments of ${pid}`] = readProc(String(pid), 'cmdline')
    if (pid !== host && pid !== backend) places[`environment of ${pid}`] = readProc(String(pid), 'environ')
  }
  return places
}

function readProc(pid: string, what: string): string {
  try {
    return readFileSync(`/proc/${pid}/${what}`, 'utf8')
  } catch {
    return ''
  }
}

/** Every secret of the file that stands in for a keychain where there is none: as it is, or inside a value's own JSON. */
function secretsFile(dataDir: string): string[] {
  const { secrets }: { secrets: Record<string, { value?: string }> } = JSON.parse(
    readFileSync(join(dataDir, 'secrets.json'), 'utf8'),
  )
  return Object.values(secrets).flatMap(({ value = '' }) => [value, ...partsOf(value)])
}

function partsOf(value: string): string[] {
  try {
    const parsed: unknown = JSON.parse(value)
    const parts: string[] = []
    const visit = (inner: unknown, name: string) => {
      if (typeof inner === 'string' && /password|secret/i.test(name)) parts.push(inner)
      else if (typeof inner === 'object' && inner !== null)
        for (const [key, next] of Object.entries(inner)) visit(next, key)
    }
    visit(parsed, '')
    return parts
  } catch {
    return []
  }
}

function filesBelow(folder: string, left: readonly string[]): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(entry => entry.isFile())
  return Object.fromEntries(
    files
      .filter(entry => !left.includes(entry.name))
      .map(entry => join(entry.parentPath, entry.name))
      .map(file => [file, readFileSync(file, 'latin1')]),
  )
}
