import { Anchor, Button } from '@mantine/core'
import { useState } from 'react'
import { Link } from 'wouter'
import type { QueuedChange } from '../../shared/contract/sync.ts'
import { api } from '../api.ts'
import { address } from '../routes.ts'
import { approve } from '../ui/approve.ts'
import { count } from '../ui/format.ts'
import { atTime } from '../ui/sync-words.ts'
import { tell, tellError } from '../ui/tell.ts'
import { Time } from '../ui/time.tsx'
import classes from './sync.module.css'

const SHOWN = 100

/** Each change in words, in the order in which it will be sent. */
export function Queue({ changes, now }: { changes: readonly QueuedChange[]; now: number }) {
  const [all, setAll] = useState(false)
  const shown = all ? changes : changes.slice(0, SHOWN)
  return (
    <>
      <ol className={classes.list} aria-label="Changes that wait">
        {shown.map(change => (
          <li key={change.seq} className={classes.item}>
            <What change={change} />
            <span className={classes.state}>{sayState(change, now)}</span>
            {change.reason !== null && <p className={classes.quiet}>{change.reason}</p>}
          </li>
        ))}
      </ol>
      {shown.length < changes.length && (
        <Button variant="subtle" onClick={() => setAll(true)}>
          Show {count(changes.length - shown.length, 'more change')}
        </Button>
      )}
    </>
  )
}

function What({ change }: { change: QueuedChange }) {
  return (
    <p>
      {change.skillId === null ? (
        change.what
      ) : (
        <Anchor component={Link} href={address.skill(change.skillId, 'history')} c="inherit">
          {change.what}
        </Anchor>
      )}
    </p>
  )
}

/** 'tried 3 times, next at 14:05' */
function sayState(change: QueuedChange, now: number): string {
  const tried = change.attempts === 0 ? '' : `tried ${count(change.attempts, 'time')}`
  switch (change.state) {
    case 'waiting':
      return tried || 'waits'
    case 'sending':
      return 'being sent…'
    case 'retrying':
      return `${tried}${change.dueAt !== null && change.dueAt > now ? `, next at ${atTime(change.dueAt, now)}` : ''}`
    case 'held':
      return 'held: another change of this skill was refused'
    case 'parked':
      return tried || 'refused'
    default:
      return change.state satisfies never
  }
}

/** Changes that the registry refused, with the reason and what to do. */
export function Parked({
  changes,
  tenantId,
  now,
}: {
  changes: readonly QueuedChange[]
  tenantId: string
  now: number
}) {
  return (
    <ul className={classes.list} aria-label="Refused changes">
      {changes.map(change => (
        <li key={change.seq} className={classes.conflict}>
          <p className={classes.happened}>
            {change.what}: {change.reason}
          </p>
          {change.todo !== null && <p>{change.todo}</p>}
          <p className={classes.quiet}>
            {change.skillId !== null && (
              <>
                <Anchor component={Link} href={address.skill(change.skillId, 'history')} size="xs" underline="always">
                  {change.skillName}
                </Anchor>
                {' · '}
              </>
            )}
            queued <Time at={change.createdAt} now={now} />
          </p>
          <Decide change={change} tenantId={tenantId} />
        </li>
      ))}
    </ul>
  )
}

function Decide({ change, tenantId }: { change: QueuedChange; tenantId: string }) {
  const [busy, setBusy] = useState(false)
  const decide = async (decision: 'retry' | 'drop') => {
    setBusy(true)
    try {
      await api.sync.decideChange({ tenantId, seq: change.seq, decision })
      tell({
        message: decision === 'retry' ? 'It is being sent again.' : 'It was let go: the team will not get it.',
      })
    } catch (error) {
      tellError(error, 'That was not changed.')
    } finally {
      setBusy(false)
    }
  }
  const approves = change.approve
  const say = async (versionId: string) => {
    setBusy(true)
    await approve(versionId, 'It')
    setBusy(false)
  }
  return (
    <div className={classes.buttons}>
      {approves !== null && (
        <Button onClick={() => void say(approves)} disabled={busy}>
          Approve
        </Button>
      )}
      <Button variant={approves === null ? 'filled' : 'default'} onClick={() => void decide('retry')} disabled={busy}>
        Try again
      </Button>
      <Button variant="default" onClick={() => void decide('drop')} disabled={busy}>
        Let it go
      </Button>
    </div>
  )
}
