import {
  answer,
  DAY_MS,
  type Desk,
  EXIT,
  type Exit,
  inviteFor,
  memberOf,
  Refused,
  remarkOnInvite,
  teamOf,
} from './desk.ts'
import { examine, type Finding, isSound } from './doctor.ts'
import { examineStorage } from './doctor-storage.ts'
import { exportTenant } from './export.ts'
import { initFolderBlobs } from './folder-mark.ts'
import {
  addMember,
  listMembers,
  type Member,
  type MemberRole,
  removeMember,
  rotateMember,
  setMemberRole,
} from './members.ts'
import type { MigrateResult } from './migrate.ts'
import { openBlobs } from './open-blobs.ts'
import { initRegistry } from './provision.ts'
import { restoreTenant } from './restore.ts'

/** `registry init`: looks at the storage, migrates, makes the team and its first admin's invite. Again: changes nothing. */
export async function init(
  desk: Desk,
  team: { name: string; slug: string },
  admin: { name: string; email: string | null },
): Promise<Exit> {
  const storage = await readyStorage(desk)
  const now = desk.now()
  const made = await initRegistry(desk.client, desk.migrations, { id: desk.newId(), ...team, now })
  if (made.kind !== 'ready') throw new Refused(whyNot(made))
  for (const remains of made.remains) desk.remark(`To know: ${remains}`)
  const findings = await examine(desk.client, 'owner', desk)
  for (const finding of findings.filter(one => one.state === 'fail'))
    desk.remark(`Not right: ${finding.title}: ${finding.found.join('; ')}`)
  const members = await listMembers(desk.client, made.tenantId, now)
  if (members.length > 0) {
    desk.remark(`${team.name} is here already. Nothing was changed but what a newer version of the schema adds.`)
    answer(desk, { tenantId: made.tenantId, created: false, applied: made.applied }, [`team ${team.slug}`])
    return isSound(findings) ? EXIT.done : EXIT.found
  }
  const member = { userId: desk.newId(), role: 'admin' as const, ...admin }
  const expiresAt = now + 7 * DAY_MS
  const login = await addMember(desk.client, { ...member, tenantId: made.tenantId, now, expiresAt })
  const invited = inviteFor({ ...desk, storage }, { id: made.tenantId, name: team.name }, member, login, expiresAt)
  remarkOnInvite({ ...desk, storage }, invited)
  answer(desk, { tenantId: made.tenantId, created: true, applied: made.applied, ...invited }, [invited.invite])
  return isSound(findings) ? EXIT.done : EXIT.found
}

/** The storage as invites name it, once it was seen to work: a folder gets its mark, and the mark goes along. */
async function readyStorage(desk: Desk): Promise<Desk['storage']> {
  if (desk.storage?.kind === 'folder') {
    const marked = await initFolderBlobs(desk.storage.path, desk.newId)
    if (marked.kind !== 'ready') throw new Refused(marked.message)
    return { ...desk.storage, id: marked.id }
  }
  if (desk.storage === null) return null
  const findings = await examineStorage(desk.storage)
  const [wrong] = findings.filter(finding => finding.state === 'fail')
  if (wrong) throw new Refused(`${wrong.title}? No: ${wrong.found.join('; ')}. ${wrong.mend} Nothing was changed.`)
  return desk.storage
}

export type InviteOptions = { name: string; email: string | null; role: MemberRole; days: number; user?: string }

/** `registry invite`: a login for a new member, or one more for a user who is here. */
export async function invite(desk: Desk, options: InviteOptions): Promise<Exit> {
  const storage = await readyStorage(desk)
  const team = await teamOf(desk)
  const known = options.user === undefined ? undefined : await memberOf(desk, team, options.user)
  const member = known
    ? { userId: known.userId, name: known.name, email: known.email, role: known.role }
    : { userId: desk.newId(), name: options.name, email: options.email, role: options.role }
  const now = desk.now()
  const expiresAt = now + options.days * DAY_MS
  const login = await addMember(desk.client, { ...member, tenantId: team.id, now, expiresAt })
  const invited = inviteFor({ ...desk, storage }, team, member, login, expiresAt)
  remarkOnInvite({ ...desk, storage }, invited)
  answer(desk, invited, [invited.invite])
  return EXIT.done
}

export async function memberList(desk: Desk): Promise<Exit> {
  const team = await teamOf(desk)
  const members = await listMembers(desk.client, team.id, desk.now())
  const cells = members.map(member => [member.name, member.email ?? '–', member.role, stateOf(member), member.userId])
  const widths = [0, 1, 2, 3].map(column => Math.max(0, ...cells.map(row => row[column]?.length ?? 0)))
  const lines = cells.map(row => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '))
  answer(desk, { team: team.slug, members }, lines)
  return EXIT.done
}

const stateOf = (member: Member): string =>
  member.expiresAt === null ? member.state : `${member.state} ${new Date(member.expiresAt).toISOString().slice(0, 10)}`

export async function memberRole(desk: Desk, who: string, role: MemberRole): Promise<Exit> {
  const team = await teamOf(desk)
  const member = await memberOf(desk, team, who)
  if (!(await setMemberRole(desk.client, team.id, member.userId, role)))
    throw new Refused(`${member.name} has no login (any more), so there is no role to change.`)
  answer(desk, { userId: member.userId, role }, [`${member.name} is ${role} now.`])
  return EXIT.done
}

export async function memberRemove(desk: Desk, who: string): Promise<Exit> {
  const team = await teamOf(desk)
  const member = await memberOf(desk, team, who)
  const removed = await removeMember(desk.client, team.id, member.userId)
  if (!removed) throw new Refused(`${member.name} has no login (any more). Nothing was changed.`)
  for (const login of removed.leftBehind)
    desk.remark(`The login ${login} is closed, but could not be deleted: something still belongs to it.`)
  if (desk.storage?.kind !== 'folder')
    desk.remark(
      'The bucket’s key is the team’s: to take it from them too, make a new one there and run “registry rotate --all” with it.',
    )
  answer(desk, { userId: member.userId, ...removed }, [
    `${member.name} is out; ${removed.ended} sessions were ended. What they made stays.`,
  ])
  return EXIT.done
}

/** `registry rotate`: new passwords, and whatever key of the storage is given now, in new invites. */
export async function rotate(desk: Desk, who: string | undefined, days: number): Promise<Exit> {
  const storage = await readyStorage(desk)
  const team = await teamOf(desk)
  const members =
    who === undefined ? await listMembers(desk.client, team.id, desk.now()) : [await memberOf(desk, team, who)]
  const invited = []
  for (const member of members.filter(one => one.login !== null)) {
    const expiresAt = desk.now() + days * DAY_MS
    const login = await rotateMember(desk.client, team.id, member.userId, expiresAt)
    if (login) invited.push(inviteFor({ ...desk, storage }, team, member, login, expiresAt))
  }
  if (invited.length === 0) throw new Refused('Nobody has a login to rotate.')
  desk.remark(
    'The old passwords are worth nothing from now on. Each member pastes their new invite; what waits on their machines is sent then.',
  )
  answer(
    desk,
    { invited },
    invited.flatMap(one => [`# ${one.name}`, one.invite]),
  )
  return EXIT.done
}

const MARKS: Record<Finding['state'], string> = { pass: 'pass  ', fail: 'FAIL  ', advice: 'advice', unknown: '?     ' }

/** `registry doctor`: every rule against the live registry. 1 where one is broken. */
export async function doctor(desk: Desk): Promise<Exit> {
  const findings = await examine(desk.client, 'owner', desk)
  if (desk.storage) findings.push(...(await examineStorage(desk.storage)))
  else desk.remark('The storage was not looked at, for none was given (--r2 … or --blobs …).')
  const lines = findings.flatMap(finding => [
    `${MARKS[finding.state]}  ${finding.title}`,
    ...finding.found.map(found => `          ${found}`),
    ...(finding.state === 'pass' ? [] : [`          → ${finding.mend}`]),
  ])
  answer(desk, { sound: isSound(findings), findings }, lines)
  return isSound(findings) ? EXIT.done : EXIT.found
}

/** `registry export`: 1 where content was missing in the storage. */
export async function exportTo(desk: Desk, folder: string): Promise<Exit> {
  const team = await teamOf(desk)
  const store = await openStore(desk)
  try {
    const progress = (what: string, done: number) => desk.remark(`${what}: ${done}`)
    const exported = await exportTenant(desk.client, { tenantId: team.id, folder, store, now: desk.now(), progress })
    if (exported.kind === 'refused') throw new Refused(exported.reason)
    const { blobs, tables } = exported.archive
    if (!store) desk.remark('Content was left out, for no storage was given (--r2 … or --blobs …).')
    for (const hash of blobs.missing) desk.remark(`Missing or damaged in the storage: ${hash}`)
    answer(desk, { folder, ...exported.archive }, [
      `${team.name}: ${tables.skills?.rows ?? 0} skills, ${tables.skill_versions?.rows ?? 0} versions, ${blobs.stored} blobs in ${folder}`,
    ])
    return blobs.missing.length === 0 ? EXIT.done : EXIT.found
  } finally {
    store?.close()
  }
}

export async function restoreFrom(desk: Desk, folder: string): Promise<Exit> {
  await readyStorage(desk)
  const store = await openStore(desk)
  try {
    const progress = (what: string, done: number) => desk.remark(`${what}: ${done}`)
    const { migrations } = desk
    const restored = await restoreTenant(desk.client, { folder, store, migrations, now: desk.now(), progress })
    if (restored.kind === 'refused') throw new Refused(restored.reason)
    if (restored.kind !== 'restored') throw new Refused(whyNot(restored))
    if (!store) desk.remark('Content was left out, for no storage was given (--r2 … or --blobs …).')
    desk.remark('Nobody can log in yet. A login for each: registry invite --user ID')
    answer(
      desk,
      restored,
      restored.users.map(user => `${user.id}  ${user.role}  ${user.name}`),
    )
    return EXIT.done
  } finally {
    store?.close()
  }
}

async function openStore(desk: Desk) {
  if (!desk.storage) return null
  const opened = await openBlobs(desk.storage)
  if (opened.kind !== 'open') throw new Refused(opened.message)
  return opened.store
}

function whyNot(result: Exclude<MigrateResult, { kind: 'ready' }>): string {
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
