import { useQueries, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { SkillRow } from '../../../shared/contract/skills.ts'
import { query, queryClient } from '../../api.ts'
import type { LibraryView } from '../../routes.ts'

/** Rows fetched at once, as they come into view. */
export const PAGE_ROWS = 200

const pageOptions = (tenantId: string, view: LibraryView, page: number) =>
  query.skills.list.queryOptions({
    input: {
      tenantId,
      query: view.query.trim(),
      filters: view.filters,
      sort: view.sort,
      descending: view.descending,
      offset: page * PAGE_ROWS,
      limit: PAGE_ROWS,
    },
  })

/**
 * The first page of what is wanted, which also knows how many rows there are. Until it has come, the rows before it stay:
 * `shown` is the view whose rows are on screen.
 */
export function useSkillList(tenantId: string, wanted: LibraryView) {
  const [shown, setShown] = useState(wanted)
  const next = useQuery(pageOptions(tenantId, wanted, 0))
  const first = useQuery(pageOptions(tenantId, shown, 0))
  if (shown !== wanted && next.data !== undefined) setShown(wanted)
  return { shown, first: first.data, error: next.error ?? first.error, waiting: next.isPending, retry: next.refetch }
}

/** The rows from `first` to `last` as far as they have come; undefined where a page is still on its way. */
export function useSkillRows(tenantId: string, view: LibraryView, first: number, last: number) {
  const firstPage = Math.floor(first / PAGE_ROWS)
  const count = Math.floor(last / PAGE_ROWS) - firstPage + 1
  const pages = useQueries({
    queries: Array.from({ length: count }, (_, index) => pageOptions(tenantId, view, firstPage + index)),
  })
  return (index: number): SkillRow | undefined =>
    pages[Math.floor(index / PAGE_ROWS) - firstPage]?.data?.rows[index % PAGE_ROWS]
}

/** Rows by position, both ends included, fetched where they are not here yet: for a selection that reaches beyond the screen. */
export async function fetchSkillRows(
  tenantId: string,
  view: LibraryView,
  from: number,
  to: number,
): Promise<SkillRow[]> {
  const [first, last] = from <= to ? [from, to] : [to, from]
  const rows: SkillRow[] = []
  for (let page = Math.floor(first / PAGE_ROWS); page <= Math.floor(last / PAGE_ROWS); page += 1) {
    const { rows: fetched } = await queryClient.fetchQuery(pageOptions(tenantId, view, page))
    const start = page * PAGE_ROWS
    rows.push(...fetched.slice(Math.max(0, first - start), last - start + 1))
  }
  return rows
}
