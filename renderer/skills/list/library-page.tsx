import { Button, VisuallyHidden } from '@mantine/core'
import { type ReactNode, useMemo, useRef } from 'react'
import { useLocation, useSearch } from 'wouter'
import { sayError } from '../../api.ts'
import { address, DEFAULT_VIEW, type LibraryView, readLibraryView } from '../../routes.ts'
import { Empty } from '../../ui/empty.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { useMenuCommand } from '../../ui/menu-commands.ts'
import { useDocumentTitle } from '../../ui/page.tsx'
import { useShortcut } from '../../ui/shortcut.ts'
import { tellError } from '../../ui/tell.ts'
import { Waiting } from '../../ui/waiting.tsx'
import { type Column, orderAfter, orderOf, useColumns } from './columns.ts'
import { Footer } from './footer.tsx'
import classes from './list.module.css'
import { useListPosition } from './position.ts'
import { NOTHING, ranged, toggled, useSelection } from './selection.ts'
import { fetchSkillRows, useSkillList } from './skill-pages.ts'
import { SkillTable, type TableHandle } from './skill-table.tsx'
import { type SearchHandle, Toolbar } from './toolbar.tsx'

type Props = {
  tenantId: string
  /** Shown in an empty library: where the first skills may come from. */
  firstRun: ReactNode
  /** Said above the list, such as that a sample's figures are invented. */
  strip?: ReactNode
}

/** Every skill of a space. What is searched, filtered and sorted stands in the address. Mounted anew for each space. */
export function LibraryPage({ tenantId, firstRun, strip }: Props) {
  useDocumentTitle('Library')
  const [, navigate] = useLocation()
  const searchText = useSearch()
  const wanted = useMemo(() => readLibraryView(searchText), [searchText])
  const { shown, first, error, waiting, retry } = useSkillList(tenantId, wanted)
  const columns = useColumns()
  const position = useListPosition(address.library(tenantId, shown))
  const [selection, select] = useSelection(shown)
  const search = useRef<SearchHandle>(null)
  const table = useRef<TableHandle>(null)
  const focusSearch = () => search.current?.focus()
  useShortcut('mod+F', focusSearch, { inText: true })
  useShortcut('/', focusSearch)
  useMenuCommand('find', focusSearch)

  const total = first?.total ?? 0
  const change = (part: Partial<LibraryView>) =>
    navigate(address.library(tenantId, { ...wanted, ...part }), { replace: true })
  const open = async (index: number) => {
    const [row] = await fetchSkillRows(tenantId, shown, index, index)
    if (row) navigate(address.skill(row.id))
  }
  const toggle = async (index: number) => {
    const [row] = await fetchSkillRows(tenantId, shown, index, index)
    if (row) select(was => toggled(was, row, index))
  }
  const selectRange = async (from: number, to: number) => {
    const rows = await fetchSkillRows(tenantId, shown, from, to)
    select(() => ranged(rows, from))
  }
  const clear = () => select(() => NOTHING)
  const or = (work: Promise<void>) => void work.catch(failed => tellError(failed))
  const narrowed = wanted.query.trim() !== '' || wanted.filters.length > 0
  const empty = first !== undefined && total === 0 && !narrowed && !waiting
  const body = () => {
    if (error && first === undefined) return <Unreadable error={error} retry={() => void retry()} />
    if (first === undefined)
      return (
        <div className={classes.scroll}>
          <Waiting what="Reading the list…" />
        </div>
      )
    if (total === 0)
      return <NoHits query={shown.query} filtered={shown.filters.length > 0} clear={() => change(DEFAULT_VIEW)} />
    return (
      <SkillTable
        ref={table}
        {...{ tenantId, total, columns, position, selection }}
        view={shown}
        onSort={(column: Column) => change(orderAfter(column, orderOf(wanted)))}
        onOpen={index => or(open(index))}
        onSelect={index => or(toggle(index))}
        onExtend={(from, to) => or(selectRange(from, to))}
        onSelectAll={() => total > 0 && or(selectRange(0, total - 1))}
        onClear={clear}
        onType={letter => search.current?.type(letter)}
      />
    )
  }
  if (empty)
    return (
      <div className={classes.library}>
        {strip}
        <div className={classes.scroll}>{firstRun}</div>
      </div>
    )
  return (
    <div className={classes.library}>
      {strip}
      <VisuallyHidden component="h1">Library</VisuallyHidden>
      <Toolbar
        ref={search}
        view={wanted}
        counts={first?.counts ?? {}}
        onChange={change}
        onDown={() => table.current?.focus()}
        onOpenFirst={() => total > 0 && or(open(position.active))}
      />
      {body()}
      <Footer total={total} versions={first?.versions ?? 0} selected={[...selection.rows.values()]} onClear={clear} />
    </div>
  )
}

function Unreadable({ error, retry }: { error: unknown; retry: () => void }) {
  return (
    <div className={classes.scroll}>
      <ErrorNotice
        happened={`The list could not be read. ${sayError(error)}`}
        kept="Nothing was changed."
        remedies={[{ label: 'Try again', run: retry }]}
      />
    </div>
  )
}

function NoHits({ query, filtered, clear }: { query: string; filtered: boolean; clear: () => void }) {
  const words = query.trim()
  return (
    <div className={classes.scroll}>
      <Empty
        title={words === '' ? 'No skill passes this filter' : `No skill matches “${words}”`}
        actions={
          <Button variant="default" onClick={clear}>
            {words === '' ? 'Clear the filter' : filtered ? 'Clear search and filter' : 'Clear the search'}
          </Button>
        }
      >
        {words === ''
          ? 'Nothing is in that state just now.'
          : 'Every word must occur in the name, description, tags or text of the newest version.'}
      </Empty>
    </div>
  )
}
