import { eventIterator } from '@orpc/contract'
import { z } from 'zod'
import { contract, id, instant, slug } from './base.ts'

/** Said to a person in three parts, as every error is. */
export const syncProblem = z.object({
  code: z.enum([
    'offline', // the registry or its store cannot be reached
    'denied', // the password or key is wrong or was replaced
    'removed', // this login is no member any more
    'expired', // the store's key is no longer good
    'quota', // the team's space, or the server's disk, is used up
    'clock', // this computer's clock is too far off
    'tls', // the connection is not to be trusted
    'newer', // the registry was made by a newer app: read-only here
    'older', // the registry has not been brought up to date: changes wait
    'storage', // there is no store, or another one than before
    'locked', // the keychain does not give the credentials out
    'unexpected', // a fault of ours; the log has it
  ]),
  happened: z.string(),
  kept: z.string(),
  todo: z.string(),
})
export type SyncProblem = z.infer<typeof syncProblem>

export const syncProgress = z.object({
  phase: z.enum(['connecting', 'sending', 'receiving', 'content', 'comparing']),
  done: z.int(),
  total: z.int().nullable(),
})
export type SyncProgress = z.infer<typeof syncProgress>

/** Which content is kept here: of every version, or of the newest and published ones, the rest when it is opened. */
export const keptContent = z.enum(['all', 'newest'])

/** How one team is doing. */
export const teamStatus = z.object({
  tenantId: id,
  name: z.string(),
  /** Where its registry is; null after leaving. */
  host: z.string().nullable(),
  user: z.object({ id, name: z.string() }),
  role: z.enum(['reader', 'author', 'admin']),
  /**
   * `synced`: nothing waits. `syncing`: at work. `waiting`: will go on by itself at `retryAt`. `offline`: the same, without
   * a connection. `paused`: by the reader. `attention`: cannot go on until the reader does something (`problem`).
   * `readOnly`: receives, does not send. `left`: no connection any more, the copy is kept.
   */
  state: z.enum(['synced', 'syncing', 'waiting', 'offline', 'paused', 'attention', 'readOnly', 'left']),
  problem: syncProblem.nullable(),
  progress: syncProgress.nullable(),
  /** Whether only what somebody else approved is published; left out until the registry has said so. */
  needsApproval: z.boolean().optional(),
  /** Changes that will be sent, without those that wait for an answer of the reader. */
  waiting: z.int(),
  /** Conflicts to decide and changes that were refused. */
  needsYou: z.int(),
  syncedAt: instant.nullable(),
  offlineSince: instant.nullable(),
  retryAt: instant.nullable(),
  content: keptContent,
  /** Versions whose files are not on this computer. */
  contentElsewhere: z.int(),
})
export type TeamStatus = z.infer<typeof teamStatus>

/** One rule of a registry, asked of the live one; `mend` is what whoever runs it can do. */
export const finding = z.object({
  id: z.string(),
  title: z.string(),
  state: z.enum(['pass', 'fail', 'advice', 'unknown']),
  found: z.array(z.string()),
  mend: z.string(),
})
export type Finding = z.infer<typeof finding>

/** The same, with what only the library here knows. */
export const shownTeam = teamStatus.extend({
  /** Whether what arrives is told in the corner of the window. */
  notify: z.boolean(),
  /** Changes that only this computer has: what waits and what was refused. They go when the copy is removed. */
  unsent: z.int(),
  /** Skills with edits that no version holds yet; they too are here alone. */
  edited: z.int(),
  /** Rules that its registry broke when it was last asked, on joining and then once a day. */
  findings: z.array(finding),
})
export type ShownTeam = z.infer<typeof shownTeam>

/** What came in from others since one last looked, of the skills that concern one. */
export const news = z.object({
  tenantId: id,
  team: z.string(),
  versions: z.array(z.object({ skillId: id, skillName: z.string(), by: z.string(), versions: z.int() })),
  /** On skills that one wrote. */
  feedback: z.array(z.object({ skillId: id, skillName: z.string(), items: z.int() })),
  ratings: z.array(z.object({ skillId: id, skillName: z.string(), items: z.int() })),
  /** To decide; counted where there are more than before. */
  conflicts: z.int(),
})
export type News = z.infer<typeof news>

export const queuedChange = z.object({
  seq: z.int(),
  skillId: id.nullable(),
  skillName: z.string().nullable(),
  /** 'Save version of pdf-forms: “Say which fields are required”'. */
  what: z.string(),
  /** `held`: behind another change of the same skill that is parked. `parked`: refused; it waits for the reader. */
  state: z.enum(['waiting', 'sending', 'retrying', 'held', 'parked']),
  attempts: z.int(),
  dueAt: instant.nullable(),
  /** Why it was not taken, and what can be done. */
  reason: z.string().nullable(),
  todo: z.string().nullable(),
  /** The version that has to be approved before this goes, where the reader is one of those who may. */
  approve: id.nullable(),
  createdAt: instant,
})
export type QueuedChange = z.infer<typeof queuedChange>

export const conflictKind = z.enum([
  'diverged', // two versions from one parent
  'published', // somebody else published in between
  'slug', // two skills of one name
  'rating', // one's own rating, edited on two machines
  'deleted', // deleted there, edited here
  'archived', // archived there, edited here
  'overtaken', // the working copy's base is no longer the newest
  'review', // feedback that somebody else reviewed in between
  'refused', // the registry will not take a change
  'damaged', // content that is not what its name says
  'rewritten', // a version that came back different
  'rolledBack', // a registry that answers with an older state
  'invalid', // what a colleague's app sent and no app can use
])
export type ConflictKind = z.infer<typeof conflictKind>

/** Says what it is about, such as the two versions that went apart. */
const conflictId = z.string().min(1).max(300)

/** Something that a person should know or decide. Both sides are kept until then. */
export const conflict = z.object({
  id: conflictId,
  kind: conflictKind,
  tenantId: id,
  skillId: id.nullable(),
  skillName: z.string().nullable(),
  at: instant,
  /** Who made the other side. */
  by: z.string().nullable(),
  happened: z.string(),
  kept: z.string(),
  /** The first one is the one to suggest. `merge` and `compare` lead to those screens, `open` to the skill. */
  choices: z.array(
    z.object({
      key: z.string(),
      label: z.string(),
      leads: z.enum(['act', 'merge', 'compare', 'open', 'name']),
      left: id.nullable(),
      right: id.nullable(),
    }),
  ),
})
export type Conflict = z.infer<typeof conflict>

export const syncLogLine = z.object({
  seq: z.int(),
  at: instant,
  level: z.enum(['info', 'warning', 'error']),
  text: z.string(),
})

/** What an invite says of itself, read without the network. */
export const inviteSummary = z.object({
  tenantId: id,
  team: z.string(),
  user: z.string(),
  role: z.enum(['reader', 'author', 'admin']),
  host: z.string(),
  storage: z.string().nullable(),
  expiresAt: instant,
  /** That team is here already: this invite brings new credentials. */
  here: z.boolean(),
})
export type InviteSummary = z.infer<typeof inviteSummary>

const invite = z.string().min(1).max(50_000)
const ofTeam = z.object({ tenantId: id })
const SYNC_PROBLEM = { message: 'That did not work.', data: syncProblem }

export const sync = {
  /** Every team on this computer. */
  status: contract.output(z.array(shownTeam)),
  queue: contract.input(ofTeam).output(z.array(queuedChange)),
  conflicts: contract.input(ofTeam).output(z.array(conflict)),
  /** Newest last. Holds no password, key or content, so that it can be copied for help. */
  log: contract.input(ofTeam).output(z.array(syncLogLine)),

  readInvite: contract
    .input(z.object({ invite }))
    .errors({ INVITE_INVALID: { message: 'That is no invite.' } })
    .output(inviteSummary),
  /**
   * Keeps credentials in the keychain, uses the invite, asks the registry every rule that a member can see, and counts what
   * will come. The team is then here, all at once, and paused until `start`; one that is here already goes on with the new
   * credentials. Stopped before that, nothing is here, and the same invite goes on.
   */
  join: contract
    .input(z.object({ invite }))
    .errors({
      INVITE_INVALID: { message: 'That is no invite.' },
      INVITE_USED: { message: 'This invite has been used. Ask for a new one.' },
      INVITE_EXPIRED: { message: 'This invite has expired or was taken back. Ask for a new one.' },
      SYNC_PROBLEM,
    })
    .output(
      eventIterator(
        z.object({ step: z.enum(['keeping', 'reaching', 'checking', 'counting']) }),
        z.object({
          tenantId: id,
          findings: z.array(finding),
          /** Null where the registry could not be asked its rules: `findings` is empty then. */
          skills: z.int().nullable(),
          versions: z.int().nullable(),
          /** True where there is no keychain, so that the credentials lie in a file that only this user can read. */
          inFile: z.boolean(),
        }),
      ),
    ),
  /** First sync, or on after a pause. */
  start: contract.input(z.object({ tenantId: id, content: keptContent.optional() })).output(z.object({})),
  pause: contract.input(ofTeam).output(z.object({})),
  /** Now, not when it is due; wakes what waits for a retry. */
  now: contract.input(ofTeam).output(z.object({})),
  /** `remove` throws the local copy away, with changes that were not sent (`unsent` says how many that would be). */
  leave: contract
    .input(z.object({ tenantId: id, copy: z.enum(['keep', 'remove']) }))
    .output(z.object({ unsent: z.int() })),
  /** Whether what arrives from this team is told. */
  setNotify: contract.input(z.object({ tenantId: id, notify: z.boolean() })).output(z.object({})),
  /**
   * What others sent since this was asked last; asking marks it as told. `opened`: skills that the reader has looked at,
   * whose new versions concern them as much as their own skills' do. The first sync of a team is no news.
   */
  news: contract.input(z.object({ opened: z.array(id).max(500) })).output(z.array(news)),
  /**
   * A copy of a skill with its whole lineage, in a team or in the personal library; ratings, feedback and runs stay with
   * the original. `slug`: another name for it, where its own is taken there.
   */
  share: contract
    .input(z.object({ skillId: id, tenantId: id, slug: slug.optional() }))
    .errors({
      SLUG_TAKEN: {
        message: 'There is a skill of that name already.',
        data: z.object({ slug: z.string(), skillId: id }),
      },
      NOTHING_TO_SHARE: { message: 'It has no version yet. Save one first; then it can be shared.' },
      SYNC_PROBLEM,
    })
    .output(z.object({ skillId: id, versions: z.int() })),
  /** A parked change: try again, or let it go (what is here stays here). */
  decideChange: contract
    .input(z.object({ tenantId: id, seq: z.int(), decision: z.enum(['retry', 'drop']) }))
    .output(z.object({})),
  /** `name`: for a choice that asks for one. */
  decideConflict: contract
    .input(z.object({ id: conflictId, choice: z.string().max(40), name: z.string().max(64).optional() }))
    .errors({
      CHOICE_GONE: { message: 'That was decided in the meantime.' },
      NAME_TAKEN: { message: 'There is a skill of that name already.' },
      NAME_MISSING: { message: 'This needs a name.' },
    })
    .output(z.object({ skillId: id.nullable() })),
  /** Content of a version that is not on this computer: its manifest, then its files. Answers how many were brought. */
  fetchContent: contract
    .input(z.object({ versionId: id }))
    .errors({ SYNC_PROBLEM })
    .output(z.object({ files: z.int() })),
  /** Versions whose content is being brought just now because somebody reads them; in bytes. */
  bringing: contract.output(z.array(z.object({ versionId: id, done: z.int(), total: z.int() }))),
  /** Hashes everything stored again; what is damaged is fetched from the registry, and the registry's mended from here. */
  scrub: contract.output(
    eventIterator(
      z.object({ done: z.int(), total: z.int() }),
      z.object({
        checked: z.int(),
        damaged: z.int(),
        repaired: z.int(),
        /** Of those, what a team's store had lost or had damaged, and got from here. */
        healed: z.int(),
        lost: z.array(z.object({ sha256: z.string(), of: z.string() })),
      }),
    ),
  ),
}
