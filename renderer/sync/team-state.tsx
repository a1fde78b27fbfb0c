import { Button, Progress } from '@mantine/core'
import type { ReactNode } from 'react'
import { useLocation } from 'wouter'
import type { ShownTeam, SyncProblem } from '../../shared/contract/sync.ts'
import { api } from '../api.ts'
import { address } from '../routes.ts'
import { count } from '../ui/format.ts'
import { sayProgress } from '../ui/sync-words.ts'
import { tellError } from '../ui/tell.ts'
import { sayTeam } from './say-team.ts'
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
            `the files of ${count(team.contentElsewhere, 'version')} are ${team.content === 'newest' ? 'not on this computer' : 'on their way'}`,
        ]
          .filter(Boolean)
          .join(' · ')}
      </p>
    </section>
  )
}

/** What brings a stopped team on again: another invite, or another try. */
const NEEDS_INVITE: readonly SyncProblem['code'][] = ['denied', 'removed', 'expired', 'tls', 'storage']

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
