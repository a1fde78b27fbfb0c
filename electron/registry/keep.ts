import fs from 'node:fs'
import path from 'node:path'
import type { ClientBase } from 'pg'
import { type Archive, readArchive } from './archive.ts'
import { urlFor } from './connection.ts'
import { examine, type Finding } from './doctor.ts'
import { examineStorage, type HeldKey } from './doctor-storage.ts'
import { exportTenant } from './export.ts'
import { initFolderBlobs } from './folder-mark.ts'
import { encodeInvite, type StorageSettings } from './invite.ts'
import { addMember, type Login, listMembers, type Member, type MemberRole, rotateMember } from './members.ts'
import type { MendedRow } from './mended.ts'
import type { MigrateResult, Migration } from './migrate.ts'
import { openBlobs } from './open-blobs.ts'
import { initRegistry, type TenantSummary, updateRegistry } from './provision.ts'
import { restoreTenant } from './restore.ts'
import type { RowAside } from './restore-rows.ts'
import { reportStorage, type StorageReport, type StorageReportOptions } from './storage-report.ts'

/**
 * Making and keeping a registry, as whoever owns the database: what the command line and the app's page both do. Each
 * answers with a value; what was expected to go wrong is thrown as `Refused`, one sentence for a person.
 */
export type Keeper = {
  client: ClientBase
  /** The owner's connection string; invites carry the same server and database. */
  url: string
  /** PEM of an own certificate authority, which invites carry too. */
  ca: string | undefined
  /** With the owner's key; what members get is `keys`, or this one where there is none for their role. */
  storage: StorageSettings | null
  keys?: MemberKeys
  migrations: readonly Migration[]
  now: () => number
  newId: () => string
}
/** Keys of the same bucket that may do less: reading alone, and reading and writing without deleting. */
export type StorageKey = { accessKeyId: string; secretAccessKey: string }
export type MemberKeys = { reader?: StorageKey | undefined; writer?: StorageKey | undefined }

/** The storage as a member's invite carries it: by the key of their role, where the team has one. */
export function storageFor(keeper: Pick<Keeper, 'storage' | 'keys'>, role: MemberRole): StorageSettings | null {
  const key = role === 'reader' ? keeper.keys?.reader : keeper.keys?.writer
  return keeper.storage?.kind === 'r2' && key ? { ...keeper.storage, ...key } : keeper.storage
}

/** Whether an invite for this role carries the very key that deletes. Undefined: no bucket. */
export const carriesOwnersKey = (keeper: Pick<Keeper, 'storage' | 'keys'>, role: MemberRole): boolean | undefined => {
  const storage = storageFor(keeper, role)
  if (storage?.kind !== 'r2' || keeper.storage?.kind !== 'r2') return undefined
  return storage.accessKeyId === keeper.storage.accessKeyId
}

export type Team = Pick<TenantSummary, 'id' | 'name'>

/** An expected failure: one sentence. `about`: what it is that stands in the way, where that is not the work itself. */
export class Refused extends Error {
  override name = 'Refused'
  readonly about: 'storage' | 'newer' | 'work'
  constructor(message: string, about: 'storage' | 'newer' | 'work' = 'work') {
    super(message)
    this.about = about
  }
}

export const DAY_MS = 24 * 60 * 60 * 1000

export type Invited = { userId: string; name: string; role: MemberRole; expiresAt: number; invite: string }
export type MakeStep = 'storage' | 'schema' | 'rules' | 'invite'

export type Made = {
  tenantId: string
  /** Names of the migrations that were run. */
  applied: string[]
  /** Rows that broke a rule which they made. */
  mended: MendedRow[]
  /** What members can still do because this login may not take it from them; sentences. */
  remains: string[]
  findings: Finding[]
  /** Undefined where the team and its members were here already; then nothing was changed but the schema. */
  invited: Invited | undefined
  /** As invites name it: a folder with its mark. */
  storage: StorageSettings | null
}

/** Looks at the storage, migrates, makes the team and its first admin's invite, good for a week. Again: changes nothing. */
export async function makeTeam(
  keeper: Keeper,
  team: { name: string; slug: string },
  admin: { name: string; email: string | null },
  onStep: (step: MakeStep) => void = () => {},
): Promise<Made> {
  onStep('storage')
  const storage = await readyStorage(keeper)
  onStep('schema')
  const now = keeper.now()
  const made = await initRegistry(keeper.client, keeper.migrations, { id: keeper.newId(), ...team, now })
  if (made.kind !== 'ready') throw refusedBy(made)
  onStep('rules')
  const findings = await examine(keeper.client, 'owner', keeper)
  const { tenantId, applied, mended, remains } = made
  const members = await listMembers(keeper.client, tenantId, now)
  if (members.length > 0) return { tenantId, applied, mended, remains, findings, storage, invited: undefined }
  onStep('invite')
  const options = { ...admin, role: 'admin' as const, days: 7 }
  const invited = await inviteMember({ ...keeper, storage }, { id: tenantId, name: team.name }, options)
  return { tenantId, applied, mended, remains, findings, storage, invited }
}

/** Brings a registry that is there up to date. Doing it again changes nothing. */
export async function updateTeams(keeper: Keeper): Promise<Pick<Made, 'applied' | 'mended' | 'remains' | 'findings'>> {
  const updated = await updateRegistry(keeper.client, keeper.migrations, keeper.now())
  if (!updated)
    throw new Refused('There is no registry in this database. Make one: registry init. Nothing was changed.')
  if (updated.kind !== 'ready') throw refusedBy(updated)
  const { applied, mended, remains } = updated
  return { applied, mended, remains, findings: await examine(keeper.client, 'owner', keeper) }
}

/** The storage as invites name it, once it was seen to work: a folder gets its mark, and the mark goes along. */
export async function readyStorage(keeper: Keeper): Promise<StorageSettings | null> {
  if (keeper.storage?.kind === 'folder') {
    const marked = await initFolderBlobs(keeper.storage.path, keeper.newId)
    if (marked.kind !== 'ready') throw new Refused(marked.message, 'storage')
    return { ...keeper.storage, id: marked.id }
  }
  if (keeper.storage === null) return null
  const findings = await examineStorage(keeper.storage)
  const [wrong] = findings.filter(finding => finding.state === 'fail')
  if (wrong)
    throw new Refused(`${wrong.title}? No: ${wrong.found.join('; ')}. ${wrong.mend} Nothing was changed.`, 'storage')
  return keeper.storage
}

/** A login for a new member, or one more for a user who is here (`known`). The storage is as `readyStorage` answered. */
export async function inviteMember(
  keeper: Keeper,
  team: Team,
  options: { name: string; email: string | null; role: MemberRole; days: number; known?: Member },
): Promise<Invited> {
  const { userId, name, email, role } = options.known ?? { ...options, userId: keeper.newId() }
  const now = keeper.now()
  const expiresAt = now + options.days * DAY_MS
  const member = { tenantId: team.id, userId, name, email, role, now, expiresAt }
  return inviteFor(keeper, team, member, await addMember(keeper.client, member), expiresAt)
}

/** New passwords, and whatever key of the storage is given now, in new invites: for those of `members` who have a login. */
export async function rotateMembers(
  keeper: Keeper,
  team: Team,
  members: readonly Member[],
  days: number,
): Promise<Invited[]> {
  const invited: Invited[] = []
  for (const member of members.filter(one => one.login !== null)) {
    const expiresAt = keeper.now() + days * DAY_MS
    const login = await rotateMember(keeper.client, team.id, member.userId, expiresAt)
    if (login) invited.push(inviteFor(keeper, team, member, login, expiresAt))
  }
  if (invited.length === 0) throw new Refused('Nobody has a login to rotate.')
  return invited
}

/** Every rule against the live registry, and its storage where one is given. */
export async function examineAll(keeper: Keeper): Promise<Finding[]> {
  const findings = await examine(keeper.client, 'owner', keeper)
  if (keeper.storage) findings.push(...(await examineStorage(keeper.storage, keysToExamine(keeper))))
  return findings
}

/** What members of each role hold; the owner's own key is no member's where both have one of theirs. */
const keysToExamine = (keeper: Keeper): HeldKey[] =>
  (['reader', 'author'] as const).flatMap(role => {
    const settings = storageFor(keeper, role)
    return settings?.kind === 'r2'
      ? [{ of: role === 'reader' ? 'readers' : 'authors and admins', settings, writes: role !== 'reader' }]
      : []
  })

export type Moving = { folder: string; progress: (what: string, done: number) => void; signal?: AbortSignal }

/** Writes a team to a new or empty folder. Stopped or failed, it takes away what it wrote: half an export is none. */
export async function exportTeam(keeper: Keeper, team: Team, { folder, progress, signal }: Moving): Promise<Archive> {
  const store = await openStore(keeper)
  const isNew = !fs.existsSync(folder)
  let mine = false
  try {
    const exported = await exportTenant(keeper.client, {
      tenantId: team.id,
      folder,
      store,
      now: keeper.now(),
      progress: (what, done) => {
        // The first word of progress comes after the folder was seen to be empty.
        mine = true
        signal?.throwIfAborted()
        progress(what, done)
      },
    })
    if (exported.kind === 'refused') throw new Refused(exported.reason)
    return exported.archive
  } catch (error) {
    if (mine || isNew) clear(folder, isNew)
    throw error
  } finally {
    store?.close()
  }
}

function clear(folder: string, whole: boolean): void {
  const written = ['tables', 'blobs', 'registry.json', 'registry.json.partial'].map(name => path.join(folder, name))
  for (const one of whole ? [folder] : written) fs.rmSync(one, { recursive: true, force: true })
}

/** What lies in the team's storage that no row names, and what is missing there. Nothing is deleted. */
export async function reportOnStorage(
  keeper: Keeper,
  team: Team,
  options: StorageReportOptions = {},
): Promise<StorageReport> {
  const store = await openStore(keeper)
  if (!store) throw new Refused('Which storage? Give --r2 … or --blobs ….', 'storage')
  try {
    const reported = await reportStorage(keeper.client, team.id, store, options)
    if (reported.kind !== 'report') throw new Refused(reported.message, 'storage')
    return reported.report
  } finally {
    store.close()
  }
}

export type RestoredTeam = {
  team: Archive['tenant']
  /** Nobody has a login yet. */
  users: { id: string; name: string; role: string }[]
  mended: MendedRow[]
  aside: RowAside[]
  storage: StorageSettings | null
}

/** Puts an exported team into an empty registry, which it makes if need be. Its rows go in at once or not at all, but for those that no registry takes. */
export async function restoreTeam(keeper: Keeper, { folder, progress, signal }: Moving): Promise<RestoredTeam> {
  // Before anything is prepared for it.
  const read = await readArchive(folder)
  if (read.kind === 'invalid') throw new Refused(read.reason)
  const storage = await readyStorage(keeper)
  const store = await openStore({ ...keeper, storage })
  try {
    const restored = await restoreTenant(keeper.client, {
      folder,
      store,
      migrations: keeper.migrations,
      now: keeper.now(),
      progress: (what, done) => {
        signal?.throwIfAborted()
        progress(what, done)
      },
    })
    if (restored.kind === 'refused') throw new Refused(restored.reason)
    if (restored.kind !== 'restored') throw refusedBy(restored)
    const { tenant: team, users, mended, aside } = restored
    return { team, users, mended, aside, storage }
  } finally {
    store?.close()
  }
}

async function openStore(keeper: Keeper) {
  if (!keeper.storage) return null
  const opened = await openBlobs(keeper.storage)
  if (opened.kind !== 'open') throw new Refused(opened.message, 'storage')
  return opened.store
}

function inviteFor(
  keeper: Keeper,
  team: Team,
  member: { userId: string; name: string; role: MemberRole },
  login: Login,
  expiresAt: number,
): Invited {
  const { userId, name, role } = member
  const invite = encodeInvite({
    tenant: { id: team.id, name: team.name },
    user: { id: userId, name },
    role,
    database: urlFor(keeper.url, login),
    databaseCa: keeper.ca,
    storage: storageFor(keeper, role),
    expiresAt,
  })
  return { userId, name, role, expiresAt, invite }
}

function refusedBy(result: Exclude<MigrateResult, { kind: 'ready' }>): Refused {
  return new Refused(whyNot(result), result.kind === 'newer' ? 'newer' : 'work')
}

export function whyNot(result: Exclude<MigrateResult, { kind: 'ready' }>): string {
  switch (result.kind) {
    case 'newer':
      return 'This registry was made by a newer Whetstone. Nothing was changed; update the app.'
    case 'rewritten':
      return `${result.name} is another one than this registry was made with. Nothing was changed; install a released version.`
    case 'failed':
      return `${result.name} failed: ${result.reason}. It was undone; what came before it stays.`
    case 'busy':
    case 'unsuited':
      return result.reason
    default:
      return result satisfies never
  }
}
