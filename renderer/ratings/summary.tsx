import type { RatingTotals } from '../../shared/contract/ratings.ts'
import { count, formatNumber, UNKNOWN } from '../ui/format.ts'
import { versionName } from '../ui/version-name.ts'
import classes from './ratings.module.css'

export type VersionTotals = RatingTotals & { versionId: string; number: number | null }

/** 425 → '4.25': stars come × 100, and here both decimals are said. */
export const exactStars = (hundredths: number | null): string =>
  hundredths === null ? UNKNOWN : (hundredths / 100).toFixed(2)

/** What all ratings say together, of a version or of the whole skill. */
export function Summary({ totals, of }: { totals: RatingTotals; of: string }) {
  return (
    <div className={classes.summary}>
      <div className={classes.average}>
        <strong>{exactStars(totals.average)}</strong>
        <span className={classes.total}>
          of 5 · {count(totals.count, 'rating')} of {of}
        </span>
        <span className={classes.total}>{sayHours(totals)}</span>
      </div>
      <Distribution totals={totals} of={of} />
    </div>
  )
}

/** 0 hours is an answer; 'nobody said' is none. */
export const sayHours = ({ hours, hoursSaid }: RatingTotals): string =>
  hours === null ? 'nobody said what it saved' : `${formatHours(hours)} saved, as said in ${count(hoursSaid, 'rating')}`

const formatHours = (hours: number): string =>
  `${hours.toLocaleString('en', { maximumFractionDigits: 1 })} ${hours === 1 ? 'hour' : 'hours'}`

/** How many gave each number of stars: a bar and its count. */
function Distribution({ totals, of }: { totals: RatingTotals; of: string }) {
  const most = Math.max(1, ...totals.stars)
  return (
    <ol className={classes.bars} aria-label={`Stars given to ${of}`}>
      {totals.stars
        .map((given, index) => ({ stars: index + 1, given }))
        .reverse()
        .map(({ stars, given }) => (
          <li key={stars}>
            <span>{stars} ★</span>
            <span className={classes.track} aria-hidden>
              <span style={{ width: `${(100 * given) / most}%` }} />
            </span>
            <span>{formatNumber(given)}</span>
          </li>
        ))}
    </ol>
  )
}

/** How each version was rated, oldest first: whether it got better. */
export function Trend({ versions }: { versions: readonly VersionTotals[] }) {
  return (
    <table className={classes.trend}>
      <caption>By version</caption>
      <thead>
        <tr>
          <th scope="col">Version</th>
          <th scope="col">Average</th>
          <th scope="col" aria-label="Average as a bar" />
          <th scope="col">Change</th>
          <th scope="col">Ratings</th>
          <th scope="col">Hours saved</th>
        </tr>
      </thead>
      <tbody>
        {versions.map((version, index) => (
          <tr key={version.versionId}>
            <th scope="row">{versionName(version)}</th>
            <td>{exactStars(version.average)}</td>
            <td className={classes.cell}>
              <span className={classes.track} aria-hidden>
                <span style={{ width: `${(version.average ?? 0) / 5}%` }} />
              </span>
            </td>
            <td>{sayChange(versions[index - 1]?.average ?? null, version.average)}</td>
            <td>{formatNumber(version.count)}</td>
            <td>
              {version.hours === null ? UNKNOWN : version.hours.toLocaleString('en', { maximumFractionDigits: 1 })}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}

function sayChange(before: number | null, now: number | null): string {
  if (before === null || now === null) return UNKNOWN
  const change = now - before
  return change === 0 ? '±0' : `${change > 0 ? '+' : '−'}${exactStars(Math.abs(change))}`
}
