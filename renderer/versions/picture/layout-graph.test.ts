import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Ancestry, type Graph, layoutGraph } from './layout-graph.ts'

const version = (id: string, parentId: string | null = null, mergedId: string | null = null): Ancestry => ({
  id,
  parentId,
  mergedId,
})

/** 'a0 b0 c1': versions from left to right, each with its lane. */
const places = (graph: Graph): string => graph.nodes.map(node => `${node.version.id}${node.lane}`).join(' ')
const lines = (graph: Graph): string[] =>
  graph.edges
    .map(({ child, parent, lane, kind }) => {
      const name = (column: number) => graph.nodes[column]?.version.id
      return `${name(parent)}→${name(child)} ${kind} in ${lane}`
    })
    .sort()

/** Any history: each version may come from one or two of those before it. */
const histories = fc
  .array(fc.tuple(fc.nat(), fc.nat(), fc.nat({ max: 9 })), { maxLength: 40 })
  .map(picks =>
    picks.map(([parent, merged, luck], index) =>
      version(
        `v${index}`,
        index === 0 || luck === 9 ? null : `v${luck < 6 ? index - 1 : parent % index}`,
        index > 1 && luck > 5 && luck < 8 ? `v${merged % index}` : null,
      ),
    ),
  )

describe('the graph of a history', () => {
  test('a straight one is one lane', () => {
    const graph = layoutGraph([version('a'), version('b', 'a'), version('c', 'b')])
    expect(places(graph)).toBe('a0 b0 c0')
    expect(graph.lanes).toBe(1)
  })

  test('a fork that was merged again leaves its lane where the other branch is free', () => {
    const graph = layoutGraph([
      version('a'),
      version('b', 'a'),
      version('c', 'a'),
      version('d', 'b', 'c'),
      version('e', 'd'),
    ])
    expect(places(graph)).toBe('a0 b0 c1 d0 e0')
    expect(lines(graph)).toEqual([
      'a→b parent in 0',
      'a→c parent in 1',
      'b→d parent in 0',
      'c→d merge in 1',
      'd→e parent in 0',
    ])
    expect(graph.lanes).toBe(2)
  })

  test('the chain of the newest keeps the first lane, whichever branch is older', () => {
    const graph = layoutGraph([version('a'), version('old', 'a'), version('older', 'old'), version('new', 'a')])
    expect(places(graph)).toBe('a0 old1 older1 new0')
  })

  test('a merge of a branch that goes on joins its line', () => {
    const graph = layoutGraph([version('a'), version('b', 'a'), version('m', 'a', 'b'), version('c', 'b')])
    expect(places(graph)).toBe('a0 b0 m1 c0')
    expect(lines(graph)).toContain('b→m merge in 0')
  })

  test('a parent that is not in the list, or comes later in it, breaks nothing', () => {
    expect(places(layoutGraph([version('b', 'gone'), version('c', 'b')]))).toBe('b0 c0')
    expect(places(layoutGraph([version('c', 'b'), version('b', 'a'), version('a')]))).toBe('a0 b0 c0')
    expect(places(layoutGraph([version('a', 'b'), version('b', 'a')]))).toMatch(/^[ab]\d [ab]\d$/)
  })

  test('two that come from nothing stand apart', () => {
    expect(places(layoutGraph([version('a'), version('x'), version('b', 'a')]))).toBe('a0 x1 b0')
  })
})

describe('whatever the history', () => {
  test('every version has its own column, after those it was made from', () => {
    fc.assert(
      fc.property(histories, versions => {
        const { nodes, edges } = layoutGraph(versions)
        expect(nodes.map(node => node.version.id).sort()).toEqual(versions.map(each => each.id).sort())
        expect(nodes.map(node => node.column)).toEqual(versions.map((_, index) => index))
        for (const edge of edges) expect(edge.parent).toBeLessThan(edge.child)
        const known = new Set(versions.map(each => each.id))
        const parents = versions.flatMap(({ parentId, mergedId }) => [...new Set([parentId, mergedId])])
        expect(edges.length).toBe(parents.filter(id => id !== null && known.has(id)).length)
      }),
    )
  })

  test('no line runs through a version, or along another line that leads elsewhere', () => {
    fc.assert(
      fc.property(histories, versions => {
        const { nodes, edges } = layoutGraph(versions)
        for (const edge of edges) {
          const inside = nodes.filter(
            node => node.lane === edge.lane && node.column > edge.parent && node.column < edge.child,
          )
          expect(inside).toEqual([])
          for (const other of edges) {
            const overlap = Math.min(edge.child, other.child) - Math.max(edge.parent, other.parent) > 0
            if (other.lane === edge.lane && overlap) expect(other.parent).toBe(edge.parent)
          }
        }
      }),
    )
  })

  test('the first-parent chain of the newest version lies in lane 0', () => {
    fc.assert(
      fc.property(histories, versions => {
        const { nodes } = layoutGraph(versions)
        const byId = new Map(nodes.map(node => [node.version.id, node]))
        for (let node = nodes.at(-1); node; node = byId.get(node.version.parentId ?? '')) {
          expect(node.lane).toBe(0)
        }
      }),
    )
  })

  test('it lies the same whatever the versions are called', () => {
    fc.assert(
      fc.property(histories, versions => {
        const renamed = (id: string | null) => (id === null ? null : `${[...id].reverse().join('')}x`)
        const others = versions.map(({ id, parentId, mergedId }) =>
          version(renamed(id) ?? '', renamed(parentId), renamed(mergedId)),
        )
        expect(layoutGraph(others).edges).toEqual(layoutGraph(versions).edges)
        expect(layoutGraph(others).nodes.map(node => node.lane)).toEqual(
          layoutGraph(versions).nodes.map(node => node.lane),
        )
      }),
    )
  })
})
