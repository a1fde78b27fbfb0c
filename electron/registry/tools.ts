import pg from 'pg'
import { isAlive } from './ancestors.ts'
import { connectionOf } from './connection.ts'
import { provisionDemo } from './demo-provision.ts'
import { type DemoProgress, type DemoServers, startDemo } from './demo-start.ts'
import type { Finding } from './doctor.ts'
import { decodeInvite, type StorageSettings } from './invite.ts'
import {
  examineAll,
  exportTeam,
  type Invited,
  inviteMember,
  type Keeper,
  type MakeStep,
  type Moving,
  makeTeam,
  Refused,
  readyStorage,
  restoreTeam,
  rotateMembers,
} from './keep.ts'
import { lookAtDatabase, lookAtStorage } from './look.ts'
import { listMembers, type Member, type MemberRole, removeMember, setMemberRole } from './members.ts'
import { sayAside, sayMended } from './mended.ts'
import { type Migration, readMigrations } from './migrate.ts'
import { type Problem, problem, Stopped, whyNotConnected, whyNotDone } from './problems.ts'
import { listTenants, readApproval, setApproval, slugOf, type TenantSummary } from './provision.ts'

/** What the app's page does with a registry: the same as the command line, each answer a value. See services/registry-tools.ts. */
export type ToolsOptions = {
  /** The folder of migrations/postgres. */
  migrations: string
  clock: () => number
  newId: () => string
}

type Access = { database: string; ca?: string | undefined; storage: StorageSettings | null }
type Answer<Value> = { kind: 'done'; value: Value } | { kind: 'problem'; problem: Problem }
type Place = { tenantId: string; team: string; host: string; database: string; storage: string | null }
type Desk = { keeper: Keeper; host: string; database: string }
type ToTeam = { access: Access; tenantId: string }

/** How often it is looked whether the demo's servers live, in milliseconds. */
const LOOK_MS = 1_000

export function registryTools(options: ToolsOptions) {
  const migrations = readMigrations(options.migrations)
  const at = <Value>(access: Access, work: (desk: Desk) => Promise<Value>) =>
    atDesk(access, { ...options, migrations }, work)
  /** The same for a team of that registry. */
  const withTeam = <Value>({ access, tenantId }: ToTeam, work: (desk: Desk, team: TenantSummary) => Promise<Value>) =>
    at(access, async desk => work(desk, await teamOf(desk.keeper, tenantId)))

  return {
    look: (access: Access) =>
      at(access, async ({ keeper, host, database }) => {
        const look = await lookAtDatabase(keeper.client, migrations)
        const teams = look.teams.map(({ id, name, slug, members }) => ({ tenantId: id, name, slug, members }))
        return { ...look, teams, host, database, storage: await lookAtStorage(access.storage) }
      }),

    init: (
      access: Access,
      make: { team: string; admin: { name: string; email: string | null }; besideOthers: boolean },
      onStep: (step: 'connecting' | MakeStep) => void,
    ) => {
      onStep('connecting')
      return at(access, async desk => {
        const { keeper } = desk
        const { holds, others } = await lookAtDatabase(keeper.client, migrations)
        if (holds === 'others' && !make.besideOthers) throw new Stopped(occupiedBy(others))
        const team = { name: make.team, slug: slugOf(make.team) }
        const made = await makeTeam(keeper, team, make.admin, onStep)
        if (!made.invited)
          throw new Stopped(
            problem(
              'occupied',
              `This registry holds the team ${make.team} already.`,
              'Open that team, or choose another name.',
              `Nothing was changed but what a newer version of the schema adds${made.mended.length === 0 ? '' : `, and ${made.mended.length} rows that broke its rules: run “registry doctor” to see which`}.`,
            ),
          )
        const { invited, findings, mended, remains, storage, tenantId } = made
        const place = placeOf(desk, { id: tenantId, name: make.team }, storage)
        return {
          access: { ...access, storage },
          place,
          invited,
          findings,
          mended: first(mended.map(sayMended)),
          remains,
        }
      })
    },

    open: (access: Access, tenantId: string) =>
      withTeam({ access, tenantId }, async (desk, team) => {
        const storage = await readyStorage(desk.keeper)
        return { access: { ...access, storage }, place: placeOf(desk, team, storage) }
      }),

    members: (to: ToTeam) =>
      withTeam(to, async ({ keeper }, team) => ({
        members: await listMembers(keeper.client, team.id, options.clock()),
        publishNeedsApproval: await readApproval(keeper.client, team.id),
      })),

    invite: (to: ToTeam, member: { name: string; email: string | null; role: MemberRole; days: number }) =>
      withTeam(to, ({ keeper }, team) => inviteMember(keeper, team, member)),

    inviteAgain: (to: ToTeam, userId: string, days: number) =>
      withTeam(to, async ({ keeper }, team) => {
        const known = await memberOf(keeper, team, userId)
        return inviteMember(keeper, team, { ...known, days, known })
      }),

    setRole: (to: ToTeam, userId: string, role: MemberRole) =>
      withTeam(to, async ({ keeper }, team) => {
        const { name } = await memberOf(keeper, team, userId)
        if (await setMemberRole(keeper.client, team.id, userId, role)) return {}
        throw new Refused(`${name} has no login (any more), so there is no role to change.`)
      }),

    remove: (to: ToTeam, userId: string) =>
      withTeam(to, async ({ keeper }, team) => {
        const { name } = await memberOf(keeper, team, userId)
        const removed = await removeMember(keeper.client, team.id, userId)
        if (!removed) throw new Refused(`${name} has no login (any more).`)
        return removed
      }),

    rotate: (to: ToTeam, userId: string | null, days: number) =>
      withTeam(to, async ({ keeper }, team): Promise<{ invited: Invited[]; access: Access }> => {
        const storage = await readyStorage(keeper)
        const members =
          userId === null
            ? await listMembers(keeper.client, team.id, options.clock())
            : [await memberOf(keeper, team, userId)]
        const invited = await rotateMembers({ ...keeper, storage }, team, members, days)
        return { invited, access: { ...to.access, storage } }
      }),

    setApproval: (to: ToTeam, needed: boolean) =>
      withTeam(to, async ({ keeper }, team) => {
        await setApproval(keeper.client, team.id, needed)
        return {}
      }),

    doctor: (to: ToTeam): Promise<Answer<Finding[]>> => withTeam(to, ({ keeper }) => examineAll(keeper)),

    export: (to: ToTeam, moving: Moving) =>
      withTeam(to, async ({ keeper }, team) => {
        const { tables, blobs } = await exportTeam(keeper, team, moving)
        const rows = (table: string) => tables[table]?.rows ?? 0
        return { skills: rows('skills'), versions: rows('skill_versions'), blobs: blobs.stored, missing: blobs.missing }
      }),

    restore: (access: Access, moving: Moving) =>
      at(access, async desk => {
        const { team, users, mended, aside, storage } = await restoreTeam(desk.keeper, moving)
        const told = first([...aside.map(sayAside), ...mended.map(sayMended)])
        return { access: { ...access, storage }, place: placeOf(desk, team, storage), users: users.length, told }
      }),

    startDemo: (demo: DemoOptions) => startDemoHere(demo, { ...options, migrations }),
  }
}

/** Lines for a page, which is no place for a hundred thousand of them. */
const SHOWN = 200
const first = (lines: readonly string[]): string[] =>
  lines.length <= SHOWN
    ? [...lines]
    : [...lines.slice(0, SHOWN), `And ${lines.length - SHOWN} more: “registry doctor” names them all.`]

type Making = { migrations: readonly Migration[]; clock: () => number; newId: () => string }

/** Connects as the owner, works, disconnects. */
async function atDesk<Value>(
  access: Access,
  { migrations, clock, newId }: Making,
  work: (desk: Desk) => Promise<Value>,
): Promise<Answer<Value>> {
  const { ca, storage } = access
  const connection = connectionOf(access.database, { ...(ca !== undefined && { ca }) })
  if (connection.kind === 'refused')
    return { kind: 'problem', problem: problem('address', connection.reason, 'Correct the connection string.') }
  const { host, user, database, config } = connection
  const client = new pg.Client(config)
  client.on('error', () => undefined)
  try {
    await client.connect()
  } catch (error) {
    const to = { host, user, database, port: config.port ?? 5432, ownCa: ca !== undefined }
    return { kind: 'problem', problem: whyNotConnected(error, to) }
  }
  try {
    const keeper = { client, url: access.database, ca, storage, migrations, now: clock, newId }
    const value = await work({ keeper, host, database })
    return { kind: 'done', value }
  } catch (error) {
    return { kind: 'problem', problem: whyNotDone(error, host) }
  } finally {
    await client.end().catch(() => undefined)
  }
}

async function teamOf(keeper: Keeper, tenantId: string): Promise<TenantSummary> {
  const found = (await listTenants(keeper.client)).find(team => team.id === tenantId)
  if (!found) throw new Refused('That team is not in this registry (any more). Nothing was changed.')
  return found
}

async function memberOf(keeper: Keeper, team: TenantSummary, userId: string): Promise<Member> {
  const found = (await listMembers(keeper.client, team.id, keeper.now())).find(member => member.userId === userId)
  if (!found) throw new Refused(`They are not in ${team.name} (any more). Nothing was changed.`)
  return found
}

const occupiedBy = (others: readonly string[]): Problem =>
  problem(
    'occupied',
    `This database holds tables of another program: ${others.slice(0, 3).join(', ')}${others.length > 3 ? ' …' : ''}.`,
    'Use a database of its own. A registry closes its database to other logins.',
  )

const placeOf = (
  { host, database }: Desk,
  team: { id: string; name: string },
  storage: StorageSettings | null,
): Place => ({ tenantId: team.id, team: team.name, host, database, storage: nameOf(storage) })

function nameOf(storage: StorageSettings | null): string | null {
  if (storage === null) return null
  if (storage.kind === 'folder') return `folder ${storage.path}`
  const host = URL.canParse(storage.endpoint) ? new URL(storage.endpoint).host : storage.endpoint
  return `bucket ${storage.bucket} at ${host}`
}

type DemoOptions = {
  folder: string
  onStep: (step: DemoProgress) => void
  onLost: () => void
  signal: AbortSignal
}

/** The demo with its owner's access, which only this process has. */
async function startDemoHere({ folder, onStep, onLost, signal }: DemoOptions, making: Making) {
  let servers: DemoServers | undefined
  const make = provisionDemo(making)
  const started = await startDemo({
    dataDir: folder,
    signal,
    onProgress: onStep,
    provision: (given, earlier) => {
      servers = given
      return make(given, earlier)
    },
  })
  if (started.kind !== 'started') return { kind: 'not-started' as const, reason: started.message }
  const { demo } = started
  const read = decodeInvite(demo.invite)
  if (read.kind !== 'invite' || servers === undefined) throw new Error('The demo made no invite.')
  const access = { database: servers.databaseUrl, storage: { kind: 'r2' as const, ...servers.storage } }
  const { host, pathname } = new URL(servers.databaseUrl)
  const { tenant, user } = read.invite
  const { id: tenantId, name: team } = tenant
  const place = { tenantId, team, host, database: pathname.slice(1), storage: nameOf(access.storage) }
  const watch = setInterval(() => {
    if (demo.pids().every(isAlive)) return
    clearInterval(watch)
    onLost()
  }, LOOK_MS)
  watch.unref()
  const stop = () => {
    clearInterval(watch)
    return demo.stop()
  }
  const invite = { text: demo.invite, userId: user.id }
  return { kind: 'started' as const, access, place, invite, stop }
}
