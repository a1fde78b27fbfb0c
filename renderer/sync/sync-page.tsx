import { Button } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import { query, sayError } from '../api.ts'
import { address } from '../routes.ts'
import { Empty } from '../ui/empty.tsx'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { count } from '../ui/format.ts'
import { Page } from '../ui/page.tsx'
import { useNow } from '../ui/time.tsx'
import { ConflictNotice } from './conflict-notice.tsx'
import { FindingList } from './finding-list.tsx'
import { Log } from './log.tsx'
import { Parked, Queue } from './queue.tsx'
import classes from './sync.module.css'
import { TeamSettings } from './team-settings.tsx'
import { TeamState } from './team-state.tsx'

/** How a team's library is doing: where sync stands, what needs a person, what waits, what happened, and its settings. */
export function SyncPage({ tenantId }: { tenantId: string }) {
  const [, navigate] = useLocation()
  const input = { tenantId }
  const status = useQuery(query.sync.status.queryOptions())
  const queue = useQuery(query.sync.queue.queryOptions({ input }))
  const conflicts = useQuery(query.sync.conflicts.queryOptions({ input }))
  const now = useNow()
  const error = status.error ?? queue.error ?? conflicts.error
  const team = status.data?.find(each => each.tenantId === tenantId)
  if (error && !team)
    return (
      <Page title="Sync">
        <ErrorNotice happened={sayError(error)} remedies={[{ label: 'Try again', run: () => void status.refetch() }]} />
      </Page>
    )
  if (!status.data) return <Page title="Sync">{null}</Page>
  if (!team)
    return (
      <Page title="Sync">
        <Empty
          title="This library is on this computer only"
          actions={<Button onClick={() => navigate(address.join())}>Join a team…</Button>}
        >
          Nothing of it is sent anywhere. With an invite you can join a team, whose library stands beside this one.
        </Empty>
      </Page>
    )
  const changes = queue.data ?? []
  const parked = changes.filter(change => change.state === 'parked')
  const waiting = changes.filter(change => change.state !== 'parked')
  const open = conflicts.data ?? []
  const needs = open.length + parked.length
  return (
    <Page title={`Sync with ${team.name}`}>
      <div className={classes.page}>
        <TeamState team={team} now={now} />
        {needs > 0 && (
          <section className={classes.section} aria-labelledby="needs-you">
            <h2 id="needs-you">
              Needs you <span className={classes.count}>{needs}</span>
            </h2>
            {open.map(conflict => (
              <ConflictNotice key={conflict.id} conflict={conflict} now={now} named />
            ))}
            {parked.length > 0 && <Parked changes={parked} tenantId={tenantId} now={now} />}
          </section>
        )}
        {team.findings.length > 0 && (
          <section className={classes.section} aria-labelledby="registry-rules">
            <h2 id="registry-rules">The registry</h2>
            <p>
              ⚠ It breaks {count(team.findings.length, 'rule')} that it should keep. You can go on; tell whoever runs
              it, for only they can mend it.
            </p>
            <FindingList findings={team.findings} />
          </section>
        )}
        <section className={classes.section} aria-labelledby="waiting">
          <h2 id="waiting">
            Waiting to be sent{' '}
            <span className={classes.count}>
              {waiting.length > 0 && count(Math.max(team.waiting, waiting.length), 'change')}
            </span>
          </h2>
          {waiting.length === 0 ? (
            <p className={classes.quiet}>Nothing. What you do here is queued the moment it is saved.</p>
          ) : (
            <>
              <Queue changes={waiting} now={now} />
              {team.waiting > waiting.length && (
                <p className={classes.quiet}>and {count(team.waiting - waiting.length, 'more change')} after these.</p>
              )}
            </>
          )}
        </section>
        <TeamSettings team={team} />
        <Log team={team} now={now} />
      </div>
    </Page>
  )
}
