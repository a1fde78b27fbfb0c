import { Select } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SkillDetail } from '../../shared/contract/skills.ts'
import { query, sayError } from '../api.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { count } from '../ui/format.ts'
import { useNow } from '../ui/time.tsx'
import { versionName } from '../ui/version-name.ts'
import { FeedbackItem } from './feedback-item.tsx'
import { RateForm } from './rate-form.tsx'
import { RatingItem } from './rating-item.tsx'
import classes from './ratings.module.css'
import { Summary, Trend } from './summary.tsx'

/** What people say of a skill: ratings by version, and feedback. */
export function RatingsTab({ skill }: { skill: SkillDetail }) {
  const ratings = useQuery(query.ratings.list.queryOptions({ input: { skillId: skill.id } }))
  const feedback = useQuery(query.feedback.list.queryOptions({ input: { skillId: skill.id } }))
  const versions = useQuery(query.versions.list.queryOptions({ input: { skillId: skill.id } }))
  const summary = useQuery(query.ratings.summary.queryOptions({ input: { skillId: skill.id } }))
  const now = useNow()
  const [only, setOnly] = useState<string>()
  const error = ratings.error ?? summary.error ?? feedback.error ?? versions.error
  if (error) return <ErrorNotice happened={sayError(error)} todo="Reload to try again." />
  if (!ratings.data || !feedback.data || !versions.data || !summary.data) return null
  const rated = summary.data.versions
  const shown = rated.find(version => version.versionId === only)
  const listed = shown ? ratings.data.filter(rating => rating.versionId === shown.versionId) : ratings.data
  return (
    <div className={classes.tab}>
      <section aria-label="Ratings">
        <h2>
          Ratings
          {summary.data.count === 0 && <span className={classes.total}>none yet</span>}
          {rated.length > 1 && (
            <Select
              className={classes.which ?? ''}
              aria-label="Ratings of which version"
              data={[
                { value: '', label: 'All versions' },
                ...rated.map(version => ({ value: version.versionId, label: versionName(version) })).reverse(),
              ]}
              value={shown?.versionId ?? ''}
              allowDeselect={false}
              onChange={value => setOnly(value ?? undefined)}
            />
          )}
        </h2>
        {summary.data.count > 0 && (
          <Summary totals={shown ?? summary.data} of={shown ? versionName(shown) : 'all versions'} />
        )}
        {rated.length > 1 && !shown && <Trend versions={rated} />}
        <ul className={classes.list}>
          {listed.map(rating => (
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
