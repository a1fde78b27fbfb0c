import { useQuery } from '@tanstack/react-query'
import type { SkillDetail } from '../../shared/contract/skills.ts'
import { query, sayError } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { count, stars } from '../ui/format.ts'
import { useNow } from '../ui/time.tsx'
import { FeedbackItem } from './feedback-item.tsx'
import { RateForm } from './rate-form.tsx'
import { RatingItem } from './rating-item.tsx'
import classes from './ratings.module.css'

/** What people say of a skill: ratings by version, and feedback. */
export function RatingsTab({ skill }: { skill: SkillDetail }) {
  const ratings = useQuery(query.ratings.list.queryOptions({ input: { skillId: skill.id } }))
  const feedback = useQuery(query.feedback.list.queryOptions({ input: { skillId: skill.id } }))
  const versions = useQuery(query.versions.list.queryOptions({ input: { skillId: skill.id } }))
  const now = useNow()
  const error = ratings.error ?? feedback.error ?? versions.error
  if (error) return <ErrorNotice happened={sayError(error)} todo="Reload to try again." />
  if (!ratings.data || !feedback.data || !versions.data) return null
  return (
    <div className={classes.tab}>
      <section aria-label="Ratings">
        <h2>
          Ratings
          <span className={classes.total}>
            {skill.totalRatings === 0
              ? 'none yet'
              : `★ ${stars(skill.averageRating)} of 5, the mean of ${count(skill.totalRatings, 'rating')} over all versions`}
          </span>
        </h2>
        <ul className={classes.list}>
          {ratings.data.map(rating => (
            <RatingItem key={rating.id} rating={rating} now={now} />
          ))}
        </ul>
        <h2>
          Feedback
          <span className={classes.total}>
            {feedback.data.length === 0 ? 'none yet' : count(feedback.data.length, 'item')}
            {skill.positiveFeedbackPct !== null && ` · ${skill.positiveFeedbackPct}% of votes are up`}
          </span>
        </h2>
        <ul className={classes.list}>
          {feedback.data.map(item => (
            <FeedbackItem key={item.id} item={item} now={now} />
          ))}
        </ul>
      </section>
      <RateForm versions={versions.data} ratings={ratings.data} />
    </div>
  )
}
