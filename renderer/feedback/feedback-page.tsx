import { SegmentedControl } from '@mantine/core'
import { IconInbox } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { Link } from 'wouter'
import type { FeedbackRow } from '../../shared/contract/feedback.ts'
import { query, sayError } from '../api.ts'
import { address } from '../routes.ts'
import { Empty } from '../ui/empty.tsx'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { count } from '../ui/format.ts'
import { Page } from '../ui/page.tsx'
import { Time, useNow } from '../ui/time.tsx'
import classes from './feedback.module.css'
import { MakeCase } from './make-case.tsx'

const TYPES: Record<FeedbackRow['type'], string> = {
  thumbs_up: 'Thumbs up',
  thumbs_down: 'Thumbs down',
  suggestion: 'Suggestion',
  training_example: 'Training example',
  bug_report: 'Bug report',
}

/** What people said about the skills of a space, newest first. */
export function FeedbackPage({ tenantId }: { tenantId: string }) {
  const [all, setAll] = useState(false)
  const input = all ? { tenantId } : { tenantId, status: 'pending' as const }
  const feedback = useQuery(query.feedback.list.queryOptions({ input }))
  const rows = feedback.data
  const now = useNow()
  return (
    <Page
      title="Inbox"
      titled={false}
      detail={rows && count(rows.length, 'entry', 'entries')}
      actions={
        <SegmentedControl
          aria-label="Which feedback"
          data={[
            { value: 'pending', label: 'Waiting' },
            { value: 'all', label: 'All' },
          ]}
          value={all ? 'all' : 'pending'}
          onChange={value => setAll(value === 'all')}
        />
      }
    >
      {feedback.error && rows === undefined && (
        <ErrorNotice
          happened={sayError(feedback.error)}
          remedies={[{ label: 'Try again', run: () => void feedback.refetch() }]}
        />
      )}
      {rows?.length === 0 && (
        <Empty title={all ? 'No feedback yet' : 'Nothing waits for you'} icon={<IconInbox size={32} stroke={1} />}>
          Ratings’ comments, suggestions and bug reports about your skills come together here.
        </Empty>
      )}
      <ul className={classes.list}>
        {rows?.map(row => (
          <Entry key={row.id} row={row} now={now} />
        ))}
      </ul>
    </Page>
  )
}

function Entry({ row, now }: { row: FeedbackRow; now: number }) {
  return (
    <li className={classes.entry}>
      <div className={classes.head}>
        <strong>{TYPES[row.type]}</strong>
        <span>on</span>
        <Link href={address.skill(row.skillId, 'ratings')}>{row.skillName}</Link>
        {row.versionNumber !== null && <span>v{row.versionNumber}</span>}
        <span>
          by {row.userName}, <Time at={row.createdAt} now={now} />
        </span>
        <span className={classes.status}>
          {row.severity !== null && `${row.severity} · `}
          {row.status}
        </span>
      </div>
      {row.comment !== null && <p>{row.comment}</p>}
      <MakeCase row={row} />
    </li>
  )
}
