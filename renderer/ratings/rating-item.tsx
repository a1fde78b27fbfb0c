import type { RatingRow } from '../../shared/contract/ratings.ts'
import { Time } from '../ui/time.tsx'
import { versionName } from '../ui/version-name.ts'
import classes from './ratings.module.css'

export function RatingItem({ rating, now }: { rating: RatingRow; now: number }) {
  return (
    <li className={classes.item}>
      <p className={classes.line}>
        <Stars of={rating.rating} />
        <strong>{versionName({ number: rating.versionNumber })}</strong>
        <span className={classes.who}>
          {rating.mine ? 'you' : rating.userName} · <Time at={rating.updatedAt} now={now} />
          {rating.hoursSaved !== null && ` · saved ${rating.hoursSaved} h`}
          {rating.waiting && <span className={classes.waiting}> · waits to be sent</span>}
        </span>
      </p>
      {rating.comment !== null && <p className={classes.comment}>{rating.comment}</p>}
    </li>
  )
}

/** '★★★★☆', read as '4 of 5'. */
export function Stars({ of }: { of: number }) {
  return (
    <span className={classes.stars} role="img" aria-label={`${of} of 5`}>
      {'★'.repeat(of)}
      {'☆'.repeat(5 - of)}
    </span>
  )
}
