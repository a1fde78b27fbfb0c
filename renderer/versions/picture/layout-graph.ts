/** What the layout needs to know of a version. */
export type Ancestry = { id: string; parentId: string | null; mergedId: string | null }

/** A version's place: its column counts from 0 at the oldest, its lane from 0 at the top. */
export type GraphNode<Version extends Ancestry = Ancestry> = { version: Version; column: number; lane: number }

/**
 * A line from a version to one it was made from, by columns. It runs along `lane`, which is the child's own for its first
 * parent; it changes lanes right beside its ends only: next to the child for a merge, next to the parent for a fork.
 */
export type GraphEdge = { child: number; parent: number; lane: number; kind: 'parent' | 'merge' }

export type Graph<Version extends Ancestry = Ancestry> = {
  nodes: GraphNode<Version>[]
  edges: GraphEdge[]
  /** How many lanes are used at most. */
  lanes: number
}

/**
 * Lays a history out from left to right, one version a column, parents before their children and otherwise in the given
 * order (oldest first). The chain of the newest version keeps lane 0; a branch takes the first lane that is free from where
 * it was forked to where it ends, so no line runs through a version that it does not belong to. The same versions in the
 * same order always look the same.
 */
export function layoutGraph<Version extends Ancestry>(versions: readonly Version[]): Graph<Version> {
  const ordered = parentsFirst(versions)
  const columns = new Map(ordered.map((version, column) => [version.id, column]))
  const nodes: GraphNode<Version>[] = []
  const edges: GraphEdge[] = []
  /** For each lane, the column of the parent that a line in it leads to. */
  const lanes: (number | undefined)[] = []
  let most = 0
  const take = (lane: number, parent: number): void => {
    lanes[lane] = parent
    most = Math.max(most, lane + 1)
  }
  const firstFree = (): number => {
    const free = lanes.indexOf(undefined)
    return free === -1 ? lanes.length : free
  }

  for (let column = ordered.length - 1; column >= 0; column--) {
    const version = ordered[column]
    if (!version) continue
    const awaited = lanes.indexOf(column)
    const lane = awaited === -1 ? firstFree() : awaited
    for (let each = 0; each < lanes.length; each++) if (lanes[each] === column) lanes[each] = undefined
    most = Math.max(most, lane + 1)
    nodes[column] = { version, column, lane }

    const [parent, merged] = parentColumns(version, columns, column)
    if (parent !== undefined) {
      take(lane, parent)
      edges.push({ child: column, parent, lane, kind: 'parent' })
    }
    if (merged !== undefined) {
      const shared = lanes.indexOf(merged)
      // A merge of a branch that goes on joins the branch's own line.
      const along = shared === -1 ? firstFree() : shared
      take(along, merged)
      edges.push({ child: column, parent: merged, lane: along, kind: 'merge' })
    }
  }
  return { nodes, edges, lanes: most }
}

/** Columns of both parents, as far as they are shown and lie to the left. */
function parentColumns(
  version: Ancestry,
  columns: ReadonlyMap<string, number>,
  column: number,
): [number | undefined, number | undefined] {
  const at = (id: string | null): number | undefined => {
    const found = id === null ? undefined : columns.get(id)
    return found !== undefined && found < column ? found : undefined
  }
  const [parent, merged] = [at(version.parentId), at(version.mergedId)]
  return [parent, merged === parent ? undefined : merged]
}

/** The given order, but no version before one that it was made from. */
function parentsFirst<Version extends Ancestry>(versions: readonly Version[]): Version[] {
  const byId = new Map(versions.map(version => [version.id, version]))
  const seen = new Set<string>()
  const ordered: Version[] = []
  for (const start of versions) {
    const path: { version: Version; entered: boolean }[] = [{ version: start, entered: false }]
    for (let next = path.pop(); next; next = path.pop()) {
      const { version, entered } = next
      if (entered) {
        ordered.push(version)
        continue
      }
      if (seen.has(version.id)) continue
      seen.add(version.id)
      path.push({ version, entered: true })
      for (const id of [version.mergedId, version.parentId]) {
        const parent = id === null ? undefined : byId.get(id)
        if (parent && !seen.has(parent.id)) path.push({ version: parent, entered: false })
      }
    }
  }
  return ordered
}
