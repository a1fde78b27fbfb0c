import type { SeriesPoint } from '../../../shared/contract/evidence.ts'
import type { VersionRow } from '../../../shared/contract/versions.ts'
import { versionName } from '../../ui/version-name.ts'
import { when } from '../../ui/when.ts'
import { type Graph, layoutGraph } from './layout-graph.ts'
import { type Drawn, drawnOf, METRICS, type Parents } from './metrics.ts'

/** A history laid out: everything by column, oldest first. */
export type Picture = {
  graph: Graph<VersionRow>
  parents: Parents
  points: readonly (SeriesPoint | undefined)[]
  /** What was measured for at least one version. */
  drawn: readonly Drawn[]
  /** Names of what was measured for none. */
  unmeasured: readonly string[]
}

/** @param rows newest first, as the backend lists them. */
export function pictureOf(rows: readonly VersionRow[], series: readonly SeriesPoint[]): Picture {
  const graph = layoutGraph(rows.toReversed())
  const byVersion = new Map(series.map(point => [point.versionId, point]))
  const points = graph.nodes.map(node => byVersion.get(node.version.id))
  const all = METRICS.map(metric => drawnOf(metric, points))
  return {
    graph,
    parents: parentsOf(graph),
    points,
    drawn: all.filter(({ groups }) => groups.length > 0),
    unmeasured: all.flatMap(({ groups, metric }) => (groups.length === 0 ? metric.name : [])),
  }
}

function parentsOf(graph: Graph): Parents {
  const parents: [number | undefined, number | undefined][] = graph.nodes.map(() => [undefined, undefined])
  for (const { child, parent, kind } of graph.edges) {
    const both = parents[child]
    if (both) both[kind === 'parent' ? 0 : 1] = parent
  }
  return parents
}

/** 'from v3', 'merge of v3 and v4'; empty for a first version. */
export function sayParents(picture: Picture, column: number): string {
  const names = (picture.parents[column] ?? []).flatMap(parent => {
    const found = parent === undefined ? undefined : picture.graph.nodes[parent]
    return found ? versionName(found.version) : []
  })
  if (names.length > 1) return `merge of ${names.join(' and ')}`
  return names.length === 0 ? '' : `from ${names[0]}`
}

/** '77 (72 to 82)': one value with its interval, where there is one. */
export function sayFigure({ metric, figures }: Drawn, column: number): string {
  const figure = figures[column]
  if (!figure) return 'not measured'
  const { value, low, high } = figure
  const interval = low === undefined || high === undefined ? '' : ` (${metric.write(low)} to ${metric.write(high)})`
  return `${metric.write(value)}${interval}`
}

/** All there is to know of one version, as one sentence for those who listen. */
export function sayVersion(picture: Picture, column: number): string {
  const version = picture.graph.nodes[column]?.version
  if (!version) return ''
  const [message] = version.message.split('\n')
  return [
    `${versionName(version)}: ${message || 'no message'}`,
    `${version.author.name}, ${when(version.createdAt)}`,
    sayParents(picture, column),
    version.published && 'published',
    ...picture.drawn.map(drawn => `${drawn.metric.name} ${sayFigure(drawn, column)}`),
  ]
    .filter(part => part !== '' && part !== false)
    .join('; ')
}
