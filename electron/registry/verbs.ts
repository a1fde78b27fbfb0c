import { terminalTable } from '../../shared/domain/terminal-table.ts'
import { oneLine } from '../../shared/domain/visible.ts'
import { answer, type Desk, EXIT, type Exit, memberOf, remarkOnInvite, teamOf } from './desk.ts'
import { type Finding, isSound } from './doctor.ts'
import {
  examineAll,
  exportTeam,
  inviteMember,
  type Made,
  makeTeam,
  Refused,
  readyStorage,
  reportOnStorage,
  restoreTeam,
  rotateMembers,
  updateTeams,
} from './keep.ts'
import { listMembers, type Member, type MemberRole, removeMember, setMemberRole } from './members.ts'
import { sayAside, sayMended } from './mended.ts'
import { listPublishLog, readApproval, setApproval } from './provision.ts'

/** The verbs of `registry`, in words and exit codes; what they do is in keep.ts. */

/** `registry init`: looks at the storage, migrates, makes the team and its first admin's invite. Again: changes nothing. */
export async function init(
  desk: Desk,
  team: { name: string; slug: string },
  admin: { name: string; email: string | null },
): Promise<Exit> {
  const { tenantId, applied, mended, remains, findings, invited, storage } = await makeTeam(desk, team, admin)
  remarkOnUpdate(desk, { mended, remains, findings })
  if (invited) {
    remarkOnInvite({ ...desk, storage }, invited)
    answer(desk, { tenantId, created: true, applied, mended, ...invited }, [invited.invite])
  } else {
    desk.remark(`${team.name} is here already. Nothing was changed but what a newer version of the schema adds.`)
    answer(desk, { tenantId, created: false, applied, mended }, [`team ${team.slug}`])
  }
  return isSound(findings) && mended.length === 0 ? EXIT.done : EXIT.found
}

/** `registry migrate`: brings the registry up to date, and says which rows broke a rule that it has since. 1 where some did. */
export async function migrate(desk: Desk): Promise<Exit> {
  const updated = await updateTeams(desk)
  const { applied, mended, findings } = updated
  remarkOnUpdate(desk, updated)
  answer(desk, { applied, mended }, [
    applied.length === 0
      ? 'The registry was up to date. Nothing was changed.'
      : `The registry is up to date: ${applied.length} ${applied.length === 1 ? 'migration' : 'migrations'} applied.`,
  ])
  return isSound(findings) && mended.length === 0 ? EXIT.done : EXIT.found
}

function remarkOnUpdate(
  desk: Desk,
  { mended, remains, findings }: Pick<Made, 'mended' | 'remains' | 'findings'>,
): void {
  for (const remaining of remains) desk.remark(`To know: ${remaining}`)
  if (mended.length > 0)
    desk.remark(
      `${mended.length} ${mended.length === 1 ? 'row' : 'rows'} broke the rules that the registry has now. What they held is kept in whetstone.quarantined_rows:`,
    )
  for (const row of mended) desk.remark(sayMended(row))
  for (const finding of findings.filter(one => one.state === 'fail'))
    desk.remark(`Not right: ${finding.title}: ${finding.found.join('; ')}`)
}

export type InviteOptions = { name: string; email: string | null; role: MemberRole; days: number; user?: string }

/** `registry invite`: a login for a new member, or one more for a user who is here. */
export async function invite(desk: Desk, options: InviteOptions): Promise<Exit> {
  const storage = await readyStorage(desk)
  const team = await teamOf(desk)
  const known = options.user === undefined ? undefined : await memberOf(desk, team, options.user)
  const invited = await inviteMember({ ...desk, storage }, team, { ...options, ...(known && { known }) })
  remarkOnInvite({ ...desk, storage }, invited)
  answer(desk, invited, [invited.invite])
  return EXIT.done
}

export async function memberList(desk: Desk): Promise<Exit> {
  const team = await teamOf(desk)
  const members = await listMembers(desk.client, team.id, desk.now())
  const lines = terminalTable(
    members.map(member => [member.name, member.email ?? '–', member.role, stateOf(member), member.userId]),
  )
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
  const invited = await rotateMembers({ ...desk, storage }, team, members, days)
  desk.remark(
    'The old passwords are worth nothing from now on. Each member pastes their new invite; what waits on their machines is sent then.',
  )
  answer(
    desk,
    { invited },
    invited.flatMap(one => [`# ${oneLine(one.name)}`, one.invite]),
  )
  return EXIT.done
}

const MARKS: Record<Finding['state'], string> = { pass: 'pass  ', fail: 'FAIL  ', advice: 'advice', unknown: '?     ' }

/** `registry doctor`: every rule against the live registry. 1 where one is broken. */
export async function doctor(desk: Desk): Promise<Exit> {
  const findings = await examineAll(desk)
  if (!desk.storage) desk.remark('The storage was not looked at, for none was given (--r2 … or --blobs …).')
  const lines = findings.flatMap(finding => [
    `${MARKS[finding.state]}  ${finding.title}`,
    ...finding.found.map(found => `          ${found}`),
    ...(finding.state === 'pass' ? [] : [`          → ${finding.mend}`]),
  ])
  answer(desk, { sound: isSound(findings), findings }, lines)
  return isSound(findings) ? EXIT.done : EXIT.found
}

/** `registry garbage`: what lies in the storage that no version or case names. Lists, never deletes. 1 where content is missing. */
export async function garbage(desk: Desk): Promise<Exit> {
  const team = await teamOf(desk)
  const report = await reportOnStorage(desk, team, { progress: progressOf(desk) })
  const { unreferenced, recent, strange, missing, unread } = report
  desk.remark(
    `${report.blobs} blobs, ${report.bytes} bytes. Nothing was deleted: what you remove by hand is gone for everybody.`,
  )
  if (recent.length > 0)
    desk.remark(`${recent.length} more are named by no version yet, but so new that their versions may be on the way.`)
  for (const hash of unread)
    desk.remark(`Version content ${hash} cannot be read: some of what is listed may be its files. Keep them.`)
  const lines = [
    ...unreferenced.map(entry => `unreferenced  ${entry.size}  ${entry.key}`),
    ...strange.map(entry => `no blob       ${entry.size}  ${entry.key}`),
    ...missing.map(hash => `missing       –  ${hash}`),
  ]
  answer(desk, { team: team.slug, ...report }, lines.length > 0 ? lines : ['Nothing is left over, nothing is missing.'])
  return missing.length === 0 && unread.length === 0 ? EXIT.done : EXIT.found
}

/** `registry log`: who moved which published pointer when, newest first. The database writes it, whoever moves it. */
export async function publishLog(desk: Desk, limit: number): Promise<Exit> {
  const team = await teamOf(desk)
  const entries = await listPublishLog(desk.client, team.id, limit)
  const number = (version: number | null) => (version === null ? 'nothing' : `v${version}`)
  answer(
    desk,
    { team: team.slug, entries },
    entries.map(
      entry =>
        `${new Date(entry.at).toISOString()}  ${oneLine(entry.skill)}  ${number(entry.from)} → ${number(entry.to)}  ${oneLine(entry.by ?? 'the registry’s owner')}`,
    ),
  )
  return EXIT.done
}

/** `registry approval`: says, or sets, whether only what somebody else has approved is published. */
export async function approval(desk: Desk, wanted: boolean | undefined): Promise<Exit> {
  const team = await teamOf(desk)
  if (wanted !== undefined) await setApproval(desk.client, team.id, wanted)
  const needed = await readApproval(desk.client, team.id)
  answer(desk, { team: team.slug, needed }, [
    needed
      ? `${team.name} publishes only versions that somebody other than their author has approved.`
      : `${team.name} publishes without asking anybody.`,
  ])
  return EXIT.done
}

/** `registry export`: 1 where content was missing in the storage. */
export async function exportTo(desk: Desk, folder: string): Promise<Exit> {
  const team = await teamOf(desk)
  const archive = await exportTeam(desk, team, { folder, progress: progressOf(desk) })
  const { blobs, tables } = archive
  if (!desk.storage) desk.remark('Content was left out, for no storage was given (--r2 … or --blobs …).')
  for (const hash of blobs.missing) desk.remark(`Missing or damaged in the storage: ${hash}`)
  answer(desk, { folder, ...archive }, [
    `${team.name}: ${tables.skills?.rows ?? 0} skills, ${tables.skill_versions?.rows ?? 0} versions, ${blobs.stored} blobs in ${folder}`,
  ])
  return blobs.missing.length === 0 ? EXIT.done : EXIT.found
}

/** `registry restore`: 1 where a row went in with another value than it had, or not at all. */
export async function restoreFrom(desk: Desk, folder: string): Promise<Exit> {
  const { team, users, mended, aside } = await restoreTeam(desk, { folder, progress: progressOf(desk) })
  if (!desk.storage) desk.remark('Content was left out, for no storage was given (--r2 … or --blobs …).')
  for (const row of mended) desk.remark(sayMended(row))
  for (const row of aside) desk.remark(sayAside(row))
  desk.remark('Nobody can log in yet. A login for each: registry invite --user ID')
  answer(
    desk,
    { kind: 'restored', tenant: team, users, mended, aside },
    users.map(user => `${user.id}  ${user.role}  ${oneLine(user.name)}`),
  )
  return mended.length + aside.length === 0 ? EXIT.done : EXIT.found
}

const progressOf = (desk: Desk) => (what: string, done: number) => desk.remark(`${what}: ${done}`)
