import { Button, Rating, Select, Textarea } from '@mantine/core'
import { type FormEvent, useState } from 'react'
import type { RatingRow } from '../../shared/contract/ratings.ts'
import type { VersionRow } from '../../shared/contract/versions.ts'
import { api } from '../api.ts'
import { NumberField } from '../ui/number-field.tsx'
import { tell, tellError } from '../ui/tell.ts'
import { versionName } from '../ui/version-name.ts'
import classes from './ratings.module.css'

type Props = { versions: readonly VersionRow[]; ratings: readonly RatingRow[] }

/** Rates one version; rating it again edits what one said before. */
export function RateForm({ versions, ratings }: Props) {
  const [chosen, setChosen] = useState<string>()
  const version = versions.find(row => row.id === chosen) ?? versions[0]
  if (!version) return <p className={classes.none}>A version can be rated once it is saved.</p>
  const mine = ratings.find(rating => rating.mine && rating.versionId === version.id)
  return (
    <div className={classes.form}>
      <Select
        label="Version"
        data={versions.map(row => ({ value: row.id, label: label(row) }))}
        value={version.id}
        allowDeselect={false}
        searchable={versions.length > 10}
        onChange={value => setChosen(value ?? undefined)}
      />
      <Fields key={`${version.id} ${keyOf(mine)}`} version={version} mine={mine} />
    </div>
  )
}

/** By what it says, not by when: the team's answer moves the time of what one may be editing again. */
const keyOf = (mine: RatingRow | undefined): string =>
  mine === undefined ? '' : JSON.stringify([mine.rating, mine.hoursSaved, mine.comment])

const label = (row: VersionRow): string =>
  `${versionName(row)} – ${row.message.split('\n', 1)[0]?.slice(0, 40) || 'no message'}`

function Fields({ version, mine }: { version: VersionRow; mine: RatingRow | undefined }) {
  const [rating, setRating] = useState(mine?.rating ?? 0)
  const [hours, setHours] = useState<number | undefined>(mine?.hoursSaved ?? undefined)
  const [comment, setComment] = useState(mine?.comment ?? '')
  const [busy, setBusy] = useState(false)

  const submit = async (event: FormEvent) => {
    event.preventDefault()
    setBusy(true)
    try {
      const said = comment.trim()
      await api.ratings.rate({
        versionId: version.id,
        rating,
        comment: said === '' ? null : said,
        hoursSaved: hours ?? null,
      })
      tell({ message: `Your rating of ${versionName(version)} is kept.` })
    } catch (error) {
      tellError(error, 'Your rating was not kept.')
    } finally {
      setBusy(false)
    }
  }
  return (
    <form onSubmit={event => void submit(event)} className={classes.fields}>
      <div>
        <span className={classes.label} id="rating-label">
          Your rating
        </span>
        <Rating
          aria-labelledby="rating-label"
          value={rating}
          onChange={setRating}
          getSymbolLabel={value => `${value} of 5`}
          size="md"
        />
      </div>
      <NumberField
        label="Hours it saved you"
        description="Leave empty if you cannot say; 0 is an answer."
        min={0}
        max={1_000}
        decimalScale={1}
        value={hours}
        onChange={value => setHours(value ?? undefined)}
      />
      <Textarea
        label="Comment"
        autosize
        minRows={3}
        maxLength={2_000}
        value={comment}
        onChange={event => setComment(event.currentTarget.value)}
      />
      <Button type="submit" loading={busy} disabled={rating === 0}>
        {mine ? 'Change my rating of' : 'Rate'} {versionName(version)}
      </Button>
    </form>
  )
}
