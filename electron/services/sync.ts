import { finding, type InviteSummary, type ShownTeam, type TeamStatus } from '../../shared/contract/sync.ts'
import { findExamination } from '../library/examinations.ts'
import { findSkill } from '../library/skills.ts'
import { deleteSpace, findSpace } from '../library/spaces.ts'
import { readLog } from '../library/sync-states.ts'
import { findVersion } from '../library/versions.ts'
import type { JoinStep, SyncControl } from '../sync/control.ts'
import { computedConflicts, countConflicts, listConflicts } from './conflicts.ts'
import { announce, type Context, os, refuseReaders } from './context.ts'
import { decideConflict } from './decide.ts'
import { bringSkill, bringVersion } from './fetch-content.ts'
import type { Indexer } from './indexing.ts'
import { latestOnly } from './latest-only.ts'
import { readNotify, takeNews, writeNotify } from './news.ts'
import { decideChange, listQueue } from './queue.ts'
import { scrub } from './scrub.ts'
import { copySkill } from './share.ts'

export type ReadInvite = (
  text: string,
) => { kind: 'invite'; summary: Omit<InviteSummary, 'here'> } | { kind: 'invalid'; reason: string }

/** What a person sees and does of sync. The engines are behind `control`; reading an invite needs no network. */
export const syncService = (context: Context, control: SyncControl, indexer: Indexer, readInvite: ReadInvite) => {
  const { library } = context
  const computed = computedConflicts(context)
  const bringing = new Map<string, { done: number; total: number }>()
  const done = (): Record<string, never> => {
    announce(context, ['sync'])
    return {}
  }

  return {
    status: os.sync.status.handler(() =>
      control.status().map(team => ({
        ...show(context, team),
        needsYou: team.needsYou + computed(team.tenantId, team.progress?.phase === 'receiving'),
      })),
    ),
    queue: os.sync.queue.handler(({ input }) => listQueue(context, input.tenantId)),
    conflicts: os.sync.conflicts.handler(({ input }) => listConflicts(context, input.tenantId)),
    log: os.sync.log.handler(({ input }) => readLog(library, input.tenantId)),

    readInvite: os.sync.readInvite.handler(({ input, errors }) => {
      const read = readInvite(input.invite)
      if (read.kind === 'invalid') throw errors.INVITE_INVALID({ message: read.reason })
      const here = control.status().some(team => team.tenantId === read.summary.tenantId && team.state !== 'left')
      return { ...read.summary, here }
    }),

    join: os.sync.join.handler(async function* ({ input, errors, signal }) {
      const stop = new AbortController()
      const steps = latestOnly<{ step: JoinStep }>()
      const signals = [stop.signal, ...(signal ? [signal] : [])]
      const joining = control.join(input.invite, step => steps.push({ step }), AbortSignal.any(signals))
      joining.finally(steps.end).catch(() => {})
      try {
        yield* steps.values
        const joined = await joining
        switch (joined.kind) {
          case 'invalid':
            throw errors.INVITE_INVALID({ message: joined.reason })
          case 'used':
            throw errors.INVITE_USED()
          case 'expired':
            throw errors.INVITE_EXPIRED()
          case 'problem':
            throw errors.SYNC_PROBLEM({ message: joined.problem.happened, data: joined.problem })
          case 'joined': {
            announce(context, ['spaces', 'sync'])
            const { kind: _, ...rest } = joined
            return rest
          }
          default:
            return joined satisfies never
        }
      } finally {
        // Whoever asked left, or pressed Cancel: nobody waits for the rest.
        stop.abort(new DOMException('Stopped.', 'AbortError'))
      }
    }),

    start: os.sync.start.handler(({ input }) => {
      control.start(input.tenantId, input.content)
      return done()
    }),
    pause: os.sync.pause.handler(({ input }) => {
      control.pause(input.tenantId)
      return done()
    }),
    now: os.sync.now.handler(({ input }) => {
      control.now(input.tenantId)
      return done()
    }),

    leave: os.sync.leave.handler(async ({ input, errors }) => {
      if (findSpace(library, input.tenantId)?.kind !== 'team')
        throw errors.NOT_FOUND({ data: { what: 'team', id: input.tenantId } })
      const { unsent } = countUnsent(context, input.tenantId)
      await control.leave(input.tenantId)
      if (input.copy === 'remove') library.write(() => deleteSpace(library, input.tenantId))
      announce(context, ['spaces', 'skills', 'versions', 'workingCopies', 'ratings', 'feedback', 'benchmarks', 'sync'])
      return { unsent }
    }),

    setNotify: os.sync.setNotify.handler(({ input }) => {
      library.write(() => writeNotify(library, input.tenantId, input.notify))
      return done()
    }),

    news: os.sync.news.handler(({ input }) => {
      const settled = new Set(control.status().flatMap(team => (team.syncedAt === null ? [] : [team.tenantId])))
      return takeNews(context, input.opened, settled, tenantId => countConflicts(context, tenantId))
    }),

    share: os.sync.share.handler(async ({ input, errors }) => {
      const skill = findSkill(library, input.skillId)
      const target = findSpace(library, input.tenantId)
      if (!skill) throw errors.NOT_FOUND({ data: { what: 'skill', id: input.skillId } })
      if (!target) throw errors.NOT_FOUND({ data: { what: 'library', id: input.tenantId } })
      refuseReaders(context, target.tenant_id)
      const brought = await bringSkill(context, control, skill)
      if (brought.kind === 'problem')
        throw errors.SYNC_PROBLEM({ message: brought.problem.happened, data: brought.problem })
      const copied = copySkill(context, skill, target, input.slug)
      if (copied.kind === 'empty') throw errors.NOTHING_TO_SHARE()
      if (copied.kind === 'taken') throw errors.SLUG_TAKEN({ data: { slug: copied.slug, skillId: copied.skillId } })
      indexer.wake()
      announce(context, ['skills', 'versions', 'spaces', 'sync'], [copied.skillId])
      return { skillId: copied.skillId, versions: copied.versions }
    }),

    decideChange: os.sync.decideChange.handler(({ input, errors }) => {
      if (!decideChange(context, input)) throw errors.NOT_FOUND({ data: { what: 'change', id: String(input.seq) } })
      // Let go or tried again, it is settled by asking the registry, not by what is queued.
      control.now(input.tenantId)
      return done()
    }),

    decideConflict: os.sync.decideConflict.handler(({ input, errors }) => {
      const decided = decideConflict(context, input)
      switch (decided.kind) {
        case 'gone':
          throw errors.CHOICE_GONE()
        case 'taken':
          throw errors.NAME_TAKEN()
        case 'unnamed':
          throw errors.NAME_MISSING({ message: decided.reason })
        case 'done':
          indexer.wake()
          control.wake()
          announce(context, ['sync', 'skills', 'versions', 'workingCopies', 'ratings', 'feedback', 'spaces'])
          return { skillId: decided.skillId }
        default:
          return decided satisfies never
      }
    }),

    fetchContent: os.sync.fetchContent.handler(async ({ input, errors }) => {
      const version = findVersion(library, input.versionId)
      if (!version) throw errors.NOT_FOUND({ data: { what: 'version', id: input.versionId } })
      const { id } = version
      try {
        const brought = await bringVersion(context, control, id, (done, total) => {
          bringing.set(id, { done, total })
          announce(context, ['sync'])
        })
        if (brought.kind === 'problem')
          throw errors.SYNC_PROBLEM({ message: brought.problem.happened, data: brought.problem })
        return { files: brought.files }
      } finally {
        bringing.delete(id)
        announce(context, ['sync'])
      }
    }),
    bringing: os.sync.bringing.handler(() =>
      [...bringing].map(([versionId, progress]) => ({ versionId, ...progress })),
    ),

    scrub: os.sync.scrub.handler(async function* ({ signal }) {
      const scrubbed = yield* scrub(context, control, signal)
      if (scrubbed.repaired > 0) announce(context, ['versions', 'skills', 'sync'])
      return scrubbed
    }),
  }
}

function show(context: Context, team: TeamStatus): ShownTeam {
  const { library } = context
  const notify = readNotify(library, team.tenantId)
  const findings = finding.array().safeParse(findExamination(library, team.tenantId)?.broken).data ?? []
  return { ...team, notify, findings, ...countUnsent(context, team.tenantId) }
}

/** What only this computer has. */
const countUnsent = ({ library }: Context, tenantId: string): { unsent: number; edited: number } =>
  library.get(
    `SELECT (SELECT count(*) FROM outbox WHERE tenant_id = ?) AS unsent,
       (SELECT count(*) FROM working_copies w JOIN skills s ON s.id = w.skill_id WHERE s.tenant_id = ? AND w.changed = 1) AS edited`,
    tenantId,
    tenantId,
  )
