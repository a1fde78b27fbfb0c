import type { FeedbackRow } from '../../shared/contract/feedback.ts'
import { Time } from '../ui/time.tsx'
import { versionName } from '../ui/version-name.ts'
import classes from './ratings.module.css'

const TYPES: Record<FeedbackRow['type'], string> = {
  thumbs_up: '+ thumbs up',
  thumbs_down: '− thumbs down',
  suggestion: 'suggestion',
  training_example: 'training example',
  bug_report: 'bug report',
}

export function FeedbackItem({ item, now }: { item: FeedbackRow; now: number }) {
  return (
    <li className={classes.item}>
      <p className={classes.line}>
        <strong>{TYPES[item.type]}</strong>
        <span className={classes.status}>{item.status}</span>
        <span className={classes.who}>
          {item.versionId !== null && `${versionName({ number: item.versionNumber })} · `}
          {item.userName} · <Time at={item.createdAt} now={now} />
          {item.severity !== null && ` · ${item.severity}`}
        </span>
      </p>
      {item.comment !== null && <p className={classes.comment}>{item.comment}</p>}
      {item.reviewNotes !== null && <p className={classes.answer}>Answer: {item.reviewNotes}</p>}
    </li>
  )
}
