import type { SyncProblem } from '../../shared/contract/sync.ts'
import type { Parked } from '../library/outbox.ts'

/** Every sentence that sync says to a person: what happened, what was kept, what to do. */

const WAITS = 'Everything is kept here, and your changes wait in the queue.'
const problem = (code: SyncProblem['code'], happened: string, todo: string, kept = WAITS): SyncProblem => ({
  code,
  happened,
  kept,
  todo,
})

export const PROBLEMS = {
  offline: problem(
    'offline',
    'The team’s registry cannot be reached.',
    'Nothing: it is tried again by itself. Check your network if others can reach it.',
  ),
  storeOffline: problem(
    'offline',
    'The team’s store for content cannot be reached.',
    'Nothing: it is tried again by itself. Check your network if others can reach it.',
  ),
  denied: problem(
    'denied',
    'The registry no longer accepts this computer’s password.',
    'Ask whoever runs the registry for a new invite and paste it here.',
  ),
  storeDenied: problem(
    'denied',
    'The team’s store for content no longer accepts this computer’s key.',
    'Ask whoever runs the registry for a new invite and paste it here.',
  ),
  removed: problem(
    'removed',
    'You are no member of this team any more.',
    'Ask whoever runs the registry for a new invite, or leave the team and keep the copy.',
  ),
  expired: problem(
    'expired',
    'The key for the team’s store has expired.',
    'Ask whoever runs the registry for a new invite and paste it here.',
  ),
  quota: problem(
    'quota',
    'The team has used up its space in the registry.',
    'Ask whoever runs the registry for more. It is tried again by itself, ever less often.',
  ),
  storeQuota: problem(
    'quota',
    'The team’s store for content is full, or unpaid.',
    'Ask whoever runs the registry for more. It is tried again by itself, ever less often.',
  ),
  clock: problem(
    'clock',
    'This computer’s clock is too far off for the store to trust it.',
    'Set the clock right (automatic date and time), then sync now.',
  ),
  tls: problem(
    'tls',
    'The connection to the registry is not to be trusted: its certificate is not the one it should have.',
    'Do not enter anything on this network. Ask whoever runs the registry whether its certificate was replaced; a new invite brings it.',
  ),
  storeTls: problem(
    'tls',
    'The connection to the team’s store for content is not to be trusted: its certificate is not the one it should have.',
    'Do not enter anything on this network. Ask whoever runs the registry whether the store’s certificate was replaced; a new invite brings it.',
  ),
  newer: problem(
    'newer',
    'The team’s registry was brought up to date by a newer Whetstone.',
    'Update the app, then sync now. Until then this team is read-only here: what others do still arrives.',
  ),
  older: problem(
    'older',
    'The team’s registry has not been brought up to date for this Whetstone.',
    'Ask whoever runs the registry to run `registry migrate`. Until then your changes wait; what others do still arrives.',
  ),
  storage: problem(
    'storage',
    'The team’s store for content is not there, or it is another one than before.',
    'Ask whoever runs the registry. Versions wait; everything else is sent.',
  ),
  noStorage: problem(
    'storage',
    'This team has no store for content yet, so no version can be sent.',
    'Ask whoever runs the registry to set one up and to send you a new invite.',
  ),
  nowhere: problem(
    'denied',
    'There are no credentials for this team on this computer.',
    'Ask whoever runs the registry for a new invite and paste it here.',
  ),
  foreign: problem(
    'unexpected',
    'The registry sent something that belongs to another team. It was not believed.',
    'Tell whoever runs the registry: run `registry doctor` there. Sync now tries again.',
    'Nothing of it was stored. Your library is as it was.',
  ),
  strange: problem(
    'unexpected',
    'The registry gave an answer that makes no sense.',
    'Sync now tries again. If it stays, copy the log and show it to whoever runs the registry.',
  ),
  refusedWhole: problem(
    'unexpected',
    'The registry refuses what this app asks of it.',
    'It is tried again by itself. If it stays, copy the log and show it to whoever runs the registry.',
  ),
  crashed: problem(
    'unexpected',
    'Something went wrong in the app while it synced.',
    'It is tried again by itself. If it stays, copy the log and report it.',
  ),
} as const satisfies Record<string, SyncProblem>

export const locked = (reason: string): SyncProblem =>
  problem('locked', `The keychain does not give the team’s credentials out: ${reason}`, 'Unlock it, then sync now.')

/** Of what is done now or not at all: nothing was queued, and nothing tries it again. */
export const notDone = (problem: SyncProblem): SyncProblem => ({
  ...problem,
  kept: 'It was not queued: approve it again once the registry answers. Twice does no harm.',
  todo: problem.code === 'offline' ? 'Check your network, then approve it again.' : problem.todo,
})

const parked = (code: string, reason: string, todo: string): Parked => ({ code, reason, todo })

/** Why one change was not taken. */
export const PARKED = {
  reader: parked(
    'forbidden',
    'You are a reader in this team: you can rate and give feedback, but not add or change skills.',
    'Ask an admin for the role of an author and try again, or let the change go.',
  ),
  skillForbidden: parked(
    'forbidden',
    'Only the skill’s author or an admin may change it.',
    'Ask them, or let the change go: the registry’s state then comes back.',
  ),
  publishForbidden: parked(
    'forbidden',
    'Only the skill’s author or an admin may publish it.',
    'Ask them, or let the change go: the registry’s state then comes back.',
  ),
  reviewForbidden: parked(
    'forbidden',
    'Only the skill’s author or an admin may review feedback on it.',
    'Ask them, or let the change go: the registry’s state then comes back.',
  ),
  removeForbidden: parked(
    'forbidden',
    'The registry does not let you delete this.',
    'Let the change go: it then comes back.',
  ),
  rowForbidden: parked(
    'forbidden',
    'The registry does not let you change this: it is somebody else’s.',
    'Let the change go: the registry’s state then comes back.',
  ),
  needsApproval: parked(
    'needs_approval',
    'This team publishes only what somebody else has approved.',
    'Ask a colleague to approve the version, then try again.',
  ),
  missing: parked(
    'missing',
    'The registry does not have what this change is about.',
    'Try again later, or let the change go.',
  ),
  versionConflict: parked(
    'conflict',
    'The registry has another version under this one’s id. Neither was changed.',
    'Save the content as a new version, and tell whoever runs the registry.',
  ),
  rowConflict: parked(
    'conflict',
    'The registry has this already in a state that may no longer be changed.',
    'Let the change go: the registry’s state then comes back.',
  ),
  deleted: parked(
    'deleted',
    'It was deleted in the registry while it was changed here.',
    'Decide it under ‘needs you’: nothing is lost until then.',
  ),
  damaged: parked(
    'damaged',
    'Content of this version is damaged or missing on this computer, so it was not sent.',
    'Run ‘check the library’ in the settings; if it cannot be mended, save the skill as a new version.',
  ),
  tooLarge: parked(
    'refused',
    'A file of this version is larger than the team’s store takes.',
    'Make the file smaller and save a new version.',
  ),
  textMissing: parked(
    'damaged',
    'The text of the version to publish is neither on this computer nor in the team’s store.',
    'It goes by itself once whoever has the text has synced. Or let it go, and publish another version.',
  ),
  caseFileLost: parked(
    'damaged',
    'A file of this case is damaged or missing on this computer, so the case was not sent.',
    'Open the case, take the file out or add it again, then try again.',
  ),
  caseFileTooLarge: parked(
    'refused',
    'A file of this case is larger than the team’s store takes.',
    'Open the case, take the file out or add a smaller one, then try again.',
  ),
  unlike: parked(
    'rewritten',
    'The registry acknowledged other content than was sent. It was not believed.',
    'Tell whoever runs the registry to run `registry doctor`, then try again.',
  ),
} as const satisfies Record<string, Parked>

export const refused = (code: string, reason: string): Parked =>
  parked(
    'refused',
    `The registry will not take this: ${reason.replace(/\.?$/, '.')} (${code})`,
    'Change it and try again, or let it go.',
  )

/** A row it refers to is not there: by the registry's own check, or by a foreign key. */
export const isDangling = (code: string): boolean => code === 'WS404' || code === '23503'
