import { Button, Progress } from '@mantine/core'
import type { ReactNode } from 'react'
import { useLocation } from 'wouter'
import type { ShownTeam, SyncProblem } from '../../shared/contract/sync.ts'
import { api } from '../api.ts'
import { address } from '../routes.ts'
import { count } from '../ui/format.ts'
import { atTime, sayProgress } from '../ui/sync-words.ts'
import { tellError } from '../ui/tell.ts'
import classes from './sync.module.css'

/** Where sync stands, as a sentence, with the button that helps. */
export function TeamState({ team, now }: { team: ShownTeam; now: number }) {
  const { problem, progress } = team
  return (
    <section className={classes.section} aria-label="State" aria-live="polite">
      <p className={classes.sentence}>{sayTeam(team, now)}</p>
      {problem && (
        <>
          <p>{problem.happened}</p>
          <p className={classes.quiet}>{problem.kept}</p>
          <p>
            <span className={classes.quiet}>What to do: </span>
            {problem.todo}
          </p>
        </>
      )}
      {team.state === 'syncing' && progress && (
        <Progress
          className={classes.progress ?? ''}
          aria-label={sayProgress(progress)}
          value={progress.total ? (100 * progress.done) / progress.total : 100}
          animated={progress.total === null}
        />
      )}
      <div className={classes.buttons}>
        <Buttons team={team} />
      </div>
      <p className={classes.quiet} style={{ marginTop: 8 }}>
        {[
          team.host !== null && `Registry at ${team.host}`,
          `you are ${team.user.name}, ${team.role}`,
          team.contentElsewhere > 0 &&
            `${count(team.contentElsewhere, 'file')} of old versions are not on this computer`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </section>
  )
}

/** 'Everything is synced. Last looked at 14:02.' */
export function sayTeam(team: ShownTeam, now: number): string {
  const waiting = team.waiting === 0 ? '' : ` ${count(team.waiting, 'change waits', 'changes wait')} to be sent.`
  const at = (moment: number | null) => (moment === null ? '' : atTime(moment, now))
  switch (team.state) {
    case 'synced':
      return team.waiting === 0
        ? `Everything is synced${team.syncedAt === null ? '' : `; last at ${at(team.syncedAt)}`}.`
        : `Connected.${waiting}`
    case 'syncing':
      return `${capitalised(team.progress ? sayProgress(team.progress) : 'syncing…')}${team.progress?.phase === 'connecting' ? '' : ' You can go on working.'}`
    case 'waiting':
      return `${waiting.trim() || 'It goes on by itself.'}${team.retryAt === null ? '' : ` The next try is at ${at(team.retryAt)}.`}`
    case 'offline':
      return `Offline${team.offlineSince === null ? '' : ` since ${at(team.offlineSince)}`}. What you do is kept here and sent later.${waiting}`
    case 'paused':
      return team.syncedAt === null ? 'Not started: nothing has been brought yet.' : `Paused.${waiting}`
    case 'attention':
      return `Stopped.${waiting}`
    case 'readOnly':
      return `Receiving only: nothing is sent.${waiting}`
    case 'left':
      return 'You have left this team. The copy here stays as it was.'
    default:
      return team.state satisfies never
  }
}

const capitalised = (text: string): string => {
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}`
  return sentence.endsWith('…') ? sentence : `${sentence}.`
}

/** What brings a stopped team on again: another invite, or another try. */
const NEEDS_INVITE: readonly SyncProblem['code'][] = ['denied', 'removed', 'expired', 'storage']

function Buttons({ team }: { team: ShownTeam }): ReactNode {
  const [, navigate] = useLocation()
  const { tenantId, state, problem } = team
  const tries = (work: Promise<unknown>, failed: string) => void work.catch(error => tellError(error, failed))
  const button = (label: string, run: () => void, main = false) => (
    <Button key={label} variant={main ? 'filled' : 'default'} onClick={run}>
      {label}
    </Button>
  )
  const now = (label: string, main = false) =>
    button(label, () => tries(api.sync.now({ tenantId }), 'It could not be started.'), main)
  const pause = button('Pause', () => tries(api.sync.pause({ tenantId }), 'It was not paused.'))
  const start = (label: string) => button(label, () => tries(api.sync.start({ tenantId }), 'It was not started.'), true)
  const invite = (label: string) => button(label, () => navigate(address.join()), true)
  switch (state) {
    case 'synced':
    case 'readOnly':
      return [now('Sync now'), pause]
    case 'syncing':
      return pause
    case 'waiting':
    case 'offline':
      return [now('Try now', true), pause]
    case 'paused':
      return start(team.syncedAt === null ? 'Start' : 'Resume')
    case 'attention':
      return problem && NEEDS_INVITE.includes(problem.code)
        ? [invite('New invite…'), now('Try again')]
        : [now('Try again', true), pause]
    case 'left':
      return invite('Join again…')
    default:
      return state satisfies never
  }
}
