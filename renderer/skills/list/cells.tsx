import { IconAlertTriangle, IconPointFilled } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import type { SkillRow } from '../../../shared/contract/skills.ts'
import { address } from '../../routes.ts'
import { compact, count, formatNumber, money, quality, stars, UNKNOWN } from '../../ui/format.ts'
import { Highlight } from '../../ui/highlight.tsx'
import { relativeTime, when } from '../../ui/when.ts'
import type { ColumnKey } from './columns.ts'
import classes from './list.module.css'

type Cell = { content: ReactNode; title?: string }

const unknown = (title: string): Cell => ({ content: <span className={classes.unknown}>{UNKNOWN}</span>, title })

/** What one cell says, and the same at length for its tooltip. */
export function cellOf(key: ColumnKey, row: SkillRow, now: number): Cell {
  switch (key) {
    case 'name':
      return {
        content: (
          <Link href={address.skill(row.id)} className={classes.name} tabIndex={-1} draggable={false}>
            {row.name}
          </Link>
        ),
        title: row.name === row.slug ? row.name : `${row.name} (${row.slug})`,
      }
    case 'description':
      return row.snippet === null
        ? { content: row.description, title: row.description }
        : { content: <Highlight snippet={row.snippet} lead={24} />, title: row.description }
    case 'newest':
      return newestCell(row, now)
    case 'tokens':
      return tokensCell(row)
    case 'quality':
      return qualityCell(row)
    case 'cost':
      return row.costMicrocents === null
        ? unknown('No use was measured')
        : { content: money(row.costMicrocents), title: `${money(row.costMicrocents)} a use, on average` }
    case 'rating':
      return ratingCell(row)
    case 'state':
      return stateCell(row)
    default:
      return key satisfies never
  }
}

const versionName = (number: number | null): string => (number === null ? 'not numbered' : `v${number}`)

function newestCell({ newest, checks }: SkillRow, now: number): Cell {
  if (newest === null) return unknown('No version was saved yet')
  const errors = checks?.errors ?? 0
  const wrong = errors === 0 ? '' : `\n${count(errors, 'error')} by the strict profile`
  return {
    content: (
      <span className={classes.newest}>
        <span>{versionName(newest.number)}</span>
        <span className={classes.date}>{relativeTime(newest.createdAt, now)}</span>
        {errors > 0 && (
          <span className={classes.warn}>
            <IconAlertTriangle size={13} stroke={2} aria-label="Errors:" role="img" />
            {errors}
          </span>
        )}
      </span>
    ),
    title: `${versionName(newest.number)}, ${when(newest.createdAt)}${wrong}`,
  }
}

function tokensCell({ tokens }: SkillRow): Cell {
  if (tokens === null) return unknown('Not counted yet')
  return {
    content: (
      <>
        {compact(tokens.always)} <span className={classes.dim}>·</span> {compact(tokens.onTrigger)}
      </>
    ),
    title: `Estimated tokens: ${formatNumber(tokens.always)} always, ${formatNumber(tokens.onTrigger)} on trigger, ${formatNumber(tokens.onDemand)} on demand`,
  }
}

function qualityCell({ quality: measured, newest }: SkillRow): Cell {
  if (measured === null) return unknown('Not measured')
  const older = measured.versionNumber !== null && measured.versionNumber !== newest?.number
  const of = measured.versionNumber === null ? '' : ` of v${measured.versionNumber}`
  return {
    content: older ? <span className={classes.dim}>{quality(measured.score)}</span> : quality(measured.score),
    title: `${measured.score.toFixed(1)} of 100, from ${count(measured.results, 'result')}${of}${older ? '; the newest version was not measured' : ''}`,
  }
}

function ratingCell({ averageRating, totalRatings }: SkillRow): Cell {
  if (averageRating === null) return unknown('Nobody rated it')
  return {
    content: (
      <>
        {stars(averageRating)} <span className={classes.dim}>({compact(totalRatings)})</span>
      </>
    ),
    title: `${(averageRating / 100).toFixed(2)} of 5, from ${count(totalRatings, 'rating')}`,
  }
}

function stateCell({ changed, status, published, newest }: SkillRow): Cell {
  const behind = status !== 'archived' && published !== null && newest !== null && published.id !== newest.id
  const word = behind ? `${versionName(published.number)} published` : status
  return {
    content: (
      <>
        {changed && <IconPointFilled className={classes.changed} size={14} aria-label="Changed," role="img" />}
        <span className={status === 'published' && !behind ? undefined : classes.dim}>{word}</span>
      </>
    ),
    title: [
      changed && 'The working copy has changes that no version holds yet.',
      behind && 'Newer versions are not published.',
    ]
      .filter(Boolean)
      .join('\n'),
  }
}
