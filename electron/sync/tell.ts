import { plainLine } from '../../shared/domain/rows/text.ts'
import { addConflict, amendConflict, choice, forgetDecided, type NewConflict } from '../library/conflicts.ts'
import type { Library } from '../library/library.ts'
import { findRow, type RemoteRow } from '../library/mirror.ts'
import type { Renamed } from '../library/mirror-skills.ts'
import { findSkill } from '../library/skills.ts'
import { findUser } from '../library/spaces.ts'
import { userNames } from '../library/user-names.ts'
import { findVersion } from '../library/versions.ts'
import type { Team } from './team.ts'

/**
 * What a person should know or decide, in words, with its choices. Ids say what it is about, so that the same thing is
 * told once however often it is met. The keys of choices are what services/conflicts.ts acts on.
 */

const SEEN = choice('seen', 'All right', 'act')

const tell = (team: Team, conflict: Omit<NewConflict, 'tenantId' | 'at'>): void => {
  const fresh = addConflict(team.library, { ...conflict, tenantId: team.tenantId, at: team.clock() })
  if (!fresh) return
  team.log('warning', conflict.happened)
  team.changed(['sync'], conflict.skillId === null ? [] : [conflict.skillId])
}

const nameOf = (library: Library, skillId: string): string => plainLine(findSkill(library, skillId)?.name ?? 'a skill')
const versionName = (library: Library, id: string | null): string => {
  const version = id === null ? undefined : findVersion(library, id)
  if (id === null) return 'nothing'
  if (!version) return 'a version that has not arrived yet'
  return version.version === null ? `“${version.message.split('\n', 1)[0]}”` : `v${version.version}`
}
const authorOf = (library: Library, versionId: string | null): string | null => {
  const version = versionId === null ? undefined : findVersion(library, versionId)
  const user = version && findUser(library, version.created_by)
  return version && user ? userNames(library, version.tenant_id)(user.id, user.name) : null
}

/** Somebody else moved the published pointer first: theirs stands, ours is offered again. */
export function tellPublished(
  team: Team,
  skillId: string,
  ours: string | null,
  theirs: string | null,
  seq: number,
): void {
  const { library } = team
  const [mine, other] = [versionName(library, ours), versionName(library, theirs)]
  tell(team, {
    id: `published:${skillId}:${seq}`,
    kind: 'published',
    skillId,
    by: authorOf(library, theirs),
    happened: `Somebody else changed what is published of ${nameOf(library, skillId)} before you: it is ${other} now; you wanted ${mine}.`,
    kept: 'Both versions are kept. Theirs is the published one.',
    choices: [
      choice('compare', 'Compare the two', 'compare', theirs, ours),
      choice('publish', ours === null ? 'Take it back all the same' : `Publish ${mine}`, 'act', theirs, ours),
      choice('leave', `Leave ${other}`, 'act'),
    ],
    detail: { ours, theirs },
  })
}

/** Two skills of one name: the later one got another one. */
export function tellSlug(team: Team, renamed: Renamed): void {
  tell(team, {
    id: `slug:${renamed.skillId}:${renamed.from}`,
    kind: 'slug',
    skillId: renamed.skillId,
    happened: `There is a skill called ${renamed.from} in the team already, so yours is now called ${renamed.to}.`,
    kept: 'Both skills are whole.',
    choices: [
      choice('rename', 'Choose another name…', 'name'),
      choice('open', 'Open it', 'open'),
      choice('keep', `Keep ${renamed.to}`, 'act'),
    ],
    detail: { from: renamed.from, to: renamed.to, otherId: renamed.otherId },
  })
}

/** One's own rating, given on two machines: the one that is sent later counts everywhere. */
export function tellRating(team: Team, theirs: RemoteRow, ours: RemoteRow): void {
  const { library } = team
  const skillId = String(theirs.skill_id)
  const version = versionName(library, String(theirs.skill_version_id))
  tell(team, {
    id: `rating:${theirs.id}:${theirs.updated_at}`,
    kind: 'rating',
    skillId,
    entity: 'rating',
    entityId: String(theirs.id),
    happened: `You rated ${version} of ${nameOf(library, skillId)} on another computer too. There: ${sayRating(theirs)}. Here: ${sayRating(ours)}.`,
    kept: 'What you said here is sent and counts everywhere.',
    choices: [choice('keep', 'Keep what I said here', 'act'), choice('theirs', 'Take what I said there', 'act')],
    detail: {
      theirs: { rating: theirs.rating, comment: theirs.comment, hoursSaved: theirs.hours_saved_estimate },
      ours: { rating: ours.rating, comment: ours.comment, hoursSaved: ours.hours_saved_estimate },
    },
  })
}

const sayRating = ({ rating, hours_saved_estimate: hours = null, comment }: RemoteRow): string =>
  [
    `${rating} of 5`,
    ...(hours === null ? [] : [`${hours} ${hours === 1 ? 'hour' : 'hours'} saved`]),
    ...(typeof comment === 'string' && comment !== '' ? [`“${shortened(comment)}”`] : []),
  ].join(', ')

const shortened = (text: string): string => (text.length > 60 ? `${text.slice(0, 59).trimEnd()}…` : text)

/** Deleted there, edited here: it stays until its author decides. */
export function tellDeletedSkill(team: Team, skillId: string): void {
  const name = nameOf(team.library, skillId)
  tell(team, {
    id: `deleted:skills:${skillId}`,
    kind: 'deleted',
    skillId,
    entity: 'skill',
    entityId: skillId,
    happened: `${name} was deleted in the team while you changed it here.`,
    kept: 'Everything you have of it is still here; nothing of it is sent.',
    choices: [
      choice('again', 'Keep it in the team as a new skill', 'act'),
      choice('personal', 'Keep it in Personal', 'act'),
      choice('discard', 'Throw it away', 'act'),
    ],
  })
}

export function tellDeletedRow(
  team: Team,
  what: { table: string; entity: string; id: string; skillId: string | null },
): void {
  const noun = NOUNS[what.table] ?? 'An entry'
  const of = what.skillId === null ? '' : ` on ${nameOf(team.library, what.skillId)}`
  tell(team, {
    id: `deleted:${what.table}:${what.id}`,
    kind: 'deleted',
    skillId: what.skillId,
    entity: what.entity,
    entityId: what.id,
    happened: `${noun}${of} was deleted in the team while you changed it here.`,
    kept: 'What you wrote is still here.',
    choices: [choice('again', 'Send it as a new one', 'act'), choice('discard', 'Throw it away', 'act')],
    detail: { table: what.table },
  })
}

const NOUNS: Record<string, string> = {
  ratings: 'Your rating',
  skill_feedback: 'Feedback',
  benchmark_cases: 'A benchmark case',
  benchmark_runs: 'A benchmark run',
}

/** Archived there while it was edited here: the versions still go. */
export function tellArchived(team: Team, skillId: string, updatedAt: unknown): void {
  tell(team, {
    id: `archived:${skillId}:${updatedAt}`,
    kind: 'archived',
    skillId,
    happened: `${nameOf(team.library, skillId)} was archived in the team while you changed it here.`,
    kept: 'Your versions are kept and sent all the same.',
    choices: [choice('open', 'Open it', 'open'), choice('unarchive', 'Bring it back', 'act'), SEEN],
  })
}

/** Somebody else reviewed it in between. */
export function tellReview(
  team: Team,
  feedback: { id: string; skillId: string },
  ours: { status: string; seq: number },
  theirs: string | null,
): void {
  tell(team, {
    id: `review:${feedback.id}:${ours.seq}`,
    kind: 'review',
    skillId: feedback.skillId,
    entity: 'feedback',
    entityId: feedback.id,
    happened: `Somebody else reviewed feedback on ${nameOf(team.library, feedback.skillId)} before you: it is ${theirs ?? 'gone'} now; you had said ${ours.status}.`,
    kept: 'Theirs stands.',
    choices: [choice('open', 'Look at it', 'open'), SEEN],
    detail: { ours: ours.status, theirs },
  })
}

/** Content that is not what its name says, or that no bundle may be. */
export function tellDamaged(team: Team, neededBy: string, sha256: string, why: string): void {
  const version = findVersion(team.library, neededBy)
  const ofCase = version ? undefined : findRow(team.library, 'benchmark_cases', neededBy)
  const skillId = version?.skill_id ?? (typeof ofCase?.skill_id === 'string' ? ofCase.skill_id : null)
  const name = skillId === null ? 'a skill' : nameOf(team.library, skillId)
  const what = ofCase
    ? `A file of the benchmark case “${ofCase.name}”`
    : `Content of ${versionName(team.library, neededBy)}`
  tell(team, {
    id: `damaged:${sha256}`,
    kind: 'damaged',
    skillId,
    entity: ofCase ? 'benchmark_case' : 'version',
    entityId: neededBy,
    by: authorOf(team.library, neededBy),
    happened: `${what} of ${name} came from the team’s store damaged: ${why}`,
    kept: 'It was not stored and is not shown. It is asked for again, for somebody else may have it whole.',
    choices: [SEEN],
    detail: { sha256 },
  })
}

/** A version that came back different: not believed. */
export function tellRewritten(team: Team, versionId: string, differs: readonly string[]): void {
  const { library } = team
  const version = findVersion(library, versionId)
  const skillId = version?.skill_id ?? null
  tell(team, {
    id: `rewritten:${versionId}`,
    kind: 'rewritten',
    skillId,
    entity: 'version',
    entityId: versionId,
    happened: `The registry says something else about ${versionName(library, versionId)} of ${skillId === null ? 'a skill' : nameOf(library, skillId)} than before: ${differs.map(one => COLUMNS[one] ?? one).join(', ')}. Versions never change, so it was not believed.`,
    kept: 'What is on this computer is as it was.',
    choices: [choice('open', 'Open the skill', 'open'), choice('seen', 'I have told the team', 'act')],
    detail: { differs },
  })
}

const COLUMNS: Record<string, string> = {
  content_hash: 'its content',
  parent_version_id: 'what it was made from',
  merged_version_id: 'what was merged into it',
  created_by: 'its author',
  version: 'its number',
}

/**
 * A registry that answers with an older state than it had. What it lost is known only when everything was compared, and
 * then said in the same notice, where that is still open.
 *
 * @param place where its history stood; the same backup may be put back twice.
 */
export function tellRolledBack(
  team: Team,
  { epoch, place }: { epoch: string; place: string },
  lost: { mine: number; others: number },
  announced: boolean,
): void {
  const { library } = team
  const what = announced ? 'was restored from a backup' : 'answers with an older state than it had'
  const back = lost.mine > 0 ? ` ${lost.mine} of your own changes ${lost.mine === 1 ? 'is' : 'are'} sent again.` : ''
  const others =
    lost.others > 0
      ? ` ${lost.others} of others ${lost.others === 1 ? 'is' : 'are'} only here until their authors’ computers send them again.`
      : ''
  const kept = `Nothing was deleted here.${back}${others}`
  const about = `rolledBack:${epoch}:`
  if (lost.mine + lost.others > 0 && amendConflict(library, about, { kept, detail: lost })) {
    team.changed(['sync'], [])
    return
  }
  forgetDecided(library, `${about}${place}`)
  tell(team, {
    id: `${about}${place}`,
    kind: 'rolledBack',
    skillId: null,
    happened: `The team’s registry ${what}.${announced ? '' : ' Nobody announced that: ask whoever runs it.'}`,
    kept,
    choices: [SEEN],
    detail: lost,
  })
}
