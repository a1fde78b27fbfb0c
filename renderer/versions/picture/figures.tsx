import type { ReactNode } from 'react'
import { count, signed } from '../../ui/format.ts'
import { useNow } from '../../ui/time.tsx'
import { sayClaim } from '../../ui/version-claim.ts'
import { versionName } from '../../ui/version-name.ts'
import { relativeTime } from '../../ui/when.ts'
import { graphHeight, NAMES, ROW, valueY } from './geometry.ts'
import { type Axis, axisOf, type Drawn } from './metrics.ts'
import classes from './picture.module.css'
import { type Picture, sayParents } from './picture.ts'

/** What each row is and its unit, with the numbers of its axis. */
export function RowLabels({ picture, children }: { picture: Picture; children: ReactNode }) {
  const { graph, drawn, parents } = picture
  const merged = parents.some(([, second]) => second !== undefined)
  const published = graph.nodes.some(node => node.version.published)
  return (
    <div className={classes.labels}>
      <div className={classes.label} style={{ height: NAMES + graphHeight(graph.lanes), paddingTop: NAMES }}>
        {children}
        <span className={classes.unit} aria-hidden>
          {[published && '◎ published', merged && '◆ merge'].filter(Boolean).join('  ')}
        </span>
      </div>
      {drawn.map(row => (
        <div key={row.metric.key} className={classes.label} style={{ height: ROW }} aria-hidden>
          <strong>{row.metric.name}</strong>
          <span className={classes.unit}>{row.metric.unit}</span>
          <Ticks row={row} />
        </div>
      ))}
    </div>
  )
}

/** Pixels between two numbers of an axis that can still be read. */
const TICK_ROOM = 14

function Ticks({ row }: { row: Drawn }) {
  const axis = axisOf(row)
  if (!axis) return null
  return (
    <span className={classes.ticks}>
      {ticksWithRoom(axis).map(tick => (
        <span key={tick} style={{ top: valueY(tick, axis) }}>
          {row.metric.write(tick)}
        </span>
      ))}
    </span>
  )
}

/** The ends always, and what fits between them. */
function ticksWithRoom(axis: Axis): number[] {
  const [first, last] = [axis.ticks[0], axis.ticks.at(-1)]
  if (first === undefined || last === undefined) return []
  const y = (tick: number) => valueY(tick, axis)
  return axis.ticks.filter(
    tick =>
      tick === first ||
      tick === last ||
      (Math.abs(y(tick) - y(first)) >= TICK_ROOM && Math.abs(y(tick) - y(last)) >= TICK_ROOM),
  )
}

/** The version that the pointer or the keyboard is at, and its value beside each row. */
export function ActiveValues({ picture, column }: { picture: Picture; column: number }) {
  const { graph, drawn, points } = picture
  const now = useNow()
  const version = graph.nodes[column]?.version
  if (!version) return null
  const [message] = version.message.split('\n')
  const uses = points[column]?.uses ?? 0
  return (
    <div className={classes.values} aria-hidden>
      <div className={classes.value} style={{ minHeight: NAMES + graphHeight(graph.lanes) }}>
        <strong>
          {versionName(version)}
          <span className={classes.unit}> {sayParents(picture, column)}</span>
        </strong>
        <span className={classes.message}>{message || 'No message'}</span>
        <span className={classes.unit}>
          {version.author.name} · {relativeTime(version.createdAt, now)}
          {version.claimed !== null && ` · ${sayClaim(version)}`}
          {version.published && ' · published'}
          {uses > 0 && ` · ${count(uses, 'use')}`}
        </span>
      </div>
      {drawn.map(row => (
        <div key={row.metric.key} className={classes.value} style={{ height: ROW }}>
          <Value row={row} picture={picture} column={column} />
        </div>
      ))}
    </div>
  )
}

function Value({ row, picture, column }: { row: Drawn; picture: Picture; column: number }) {
  const figure = row.figures[column]
  if (!figure) return <span className={classes.missing}>not measured</span>
  return (
    <>
      <strong>{row.metric.write(figure.value)}</strong>
      <span className={classes.unit}>{aside(row, picture, column)}</span>
    </>
  )
}

/** What belongs beside a value: its interval, how many it rests on, or what changed. Costs are never subtracted: prices change. */
function aside(row: Drawn, picture: Picture, column: number): string {
  const { metric, figures } = row
  const figure = figures[column]
  if (!figure) return ''
  if (figure.low !== undefined && figure.high !== undefined)
    return `${metric.write(figure.low)} to ${metric.write(figure.high)} (95%)`
  if (metric.key === 'rating') return count(picture.points[column]?.totalRatings ?? 0, 'rating')
  if (metric.key === 'cost') return ''
  const before = picture.parents[column]?.[0]
  const was = before === undefined ? undefined : figures[before]
  const name = before === undefined ? undefined : picture.graph.nodes[before]?.version
  return was && name ? `${signed(figure.value - was.value)} from ${versionName(name)}` : ''
}
