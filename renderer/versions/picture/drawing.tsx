import { memo, useMemo } from 'react'
import { versionName } from '../../ui/version-name.ts'
import { edgesPath, graphHeight, laneY, mark, NAMES, ROW, radiusOf, rowPaths, valueY, xOf } from './geometry.ts'
import { axisOf, type Drawn } from './metrics.ts'
import classes from './picture.module.css'
import type { Picture } from './picture.ts'

type Props = { picture: Picture; step: number; width: number; shown: number; picked: readonly string[] }

/** The picture itself. What it says is said in words elsewhere: by the options of the list, and as a table. */
export function Drawing({ picture, step, width, shown, picked }: Props) {
  const { graph, drawn } = picture
  const height = NAMES + graphHeight(graph.lanes) + drawn.length * ROW
  const node = graph.nodes[shown]
  return (
    <svg className={classes.drawing} width={width} height={height} aria-hidden>
      {graph.nodes
        .filter(each => picked.includes(each.version.id))
        .map(each => (
          <rect
            key={each.column}
            className={classes.picked}
            x={xOf(each.column, step) - 8}
            y={NAMES}
            width={16}
            height={height - NAMES}
          />
        ))}
      <Still picture={picture} step={step} width={width} />
      {node && (
        <g className={classes.shown}>
          <line x1={xOf(shown, step)} x2={xOf(shown, step)} y1={NAMES} y2={height} />
          <circle cx={xOf(shown, step)} cy={NAMES + laneY(node.lane, graph.lanes)} r={radiusOf(step) + 4} />
          {drawn.map((row, index) => (
            <ShownValue key={row.metric.key} row={row} column={shown} step={step} top={rowTop(picture, index)} />
          ))}
        </g>
      )}
      {graph.nodes
        .filter(each => picked.includes(each.version.id))
        .map(each => (
          <text key={each.column} className={classes.pickedName} x={xOf(each.column, step)} y={14}>
            {versionName(each.version)}
          </text>
        ))}
    </svg>
  )
}

const rowTop = ({ graph }: Picture, index: number): number => NAMES + graphHeight(graph.lanes) + index * ROW

function ShownValue({ row, column, step, top }: { row: Drawn; column: number; step: number; top: number }) {
  const axis = useMemo(() => axisOf(row), [row])
  const figure = row.figures[column]
  if (!axis || !figure) return null
  return <circle cx={xOf(column, step)} cy={top + valueY(figure.value, axis)} r={radiusOf(step) + 2.5} />
}

/** What does not change while the pointer moves: a few paths, however many versions there are. */
type StillProps = { picture: Picture; step: number; width: number }
const Still = memo(function Still({ picture, step, width }: StillProps) {
  const { graph, drawn, parents } = picture
  const { nodes, lanes } = graph
  const radius = radiusOf(step)
  const marks = (wanted: (column: number) => boolean, shape: 'circle' | 'diamond', r: number) =>
    nodes
      .filter(node => wanted(node.column))
      .map(node => mark(shape, xOf(node.column, step), laneY(node.lane, lanes), r))
      .join('')
  const isMerge = (column: number) => parents[column]?.[1] !== undefined
  const isPublished = (column: number) => nodes[column]?.version.published === true
  return (
    <>
      <Names picture={picture} step={step} />
      <g transform={`translate(0 ${NAMES})`}>
        <path className={classes.edges} d={edgesPath(graph, step)} />
        <path className={classes.ring} d={marks(isPublished, 'circle', radius + 3)} />
        <path className={classes.node} d={marks(column => !isMerge(column), 'circle', radius)} />
        <path className={classes.node} d={marks(isMerge, 'diamond', radius)} />
      </g>
      {drawn.map((row, index) => (
        <g key={row.metric.key} transform={`translate(0 ${rowTop(picture, index)})`}>
          <Row row={row} picture={picture} step={step} width={width} />
        </g>
      ))}
    </>
  )
})

function Row({ row, picture, step, width }: StillProps & { row: Drawn }) {
  const axis = axisOf(row)
  if (!axis) return null
  const paths = rowPaths(row, picture.parents, axis, step)
  return (
    <>
      <path className={classes.separator} d={`M0 0H${width}`} />
      <path className={classes.grid} d={axis.ticks.map(tick => `M0 ${valueY(tick, axis)}H${width}`).join('')} />
      <path className={classes.interval} d={paths.intervals} />
      <path className={classes.join} d={paths.joins} />
      {paths.marks.map((d, group) => (
        // Groups have no name but their place.
        // biome-ignore lint/suspicious/noArrayIndexKey: as above
        <path key={group} className={classes.mark} d={d} />
      ))}
    </>
  )
}

/** Room for a name such as 'v1234'. */
const NAME_WIDTH = 40

function Names({ picture, step }: { picture: Picture; step: number }) {
  const { nodes } = picture.graph
  const every = Math.max(1, Math.ceil(NAME_WIDTH / step))
  // Counted from the newest, which always has its name.
  const named = nodes.filter(node => (nodes.length - 1 - node.column) % every === 0)
  return named.map(node => (
    <text key={node.column} className={classes.name} x={xOf(node.column, step)} y={14}>
      {node.version.number === null ? '…' : versionName(node.version)}
    </text>
  ))
}
