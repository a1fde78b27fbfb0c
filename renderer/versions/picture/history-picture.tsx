import { Button, UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { VersionRow } from '../../../shared/contract/versions.ts'
import { query, sayError } from '../../api.ts'
import { count } from '../../ui/format.ts'
import { versionName } from '../../ui/version-name.ts'
import classes from './picture.module.css'
import { type Picture, pictureOf } from './picture.ts'
import { usePictureOptions } from './picture-store.ts'
import { PictureTable } from './picture-table.tsx'
import { Plot } from './plot.tsx'

type Props = {
  skillId: string
  /** Newest first. */
  rows: readonly VersionRow[]
  /** At most two. */
  picked: readonly string[]
  onPick: (id: string) => void
  onOpen: (id: string) => void
  /** The older one first. */
  onCompare: (left: string, right: string) => void
}

/** The history as a graph, and below it what each version did, over one axis. */
export function HistoryPicture({ skillId, rows, picked, onPick, onOpen, onCompare }: Props) {
  const { open, table, set } = usePictureOptions()
  const series = useQuery(query.versions.series.queryOptions({ input: { skillId }, enabled: open }))
  const picture = useMemo(() => pictureOf(rows, series.data ?? []), [rows, series.data])
  return (
    <section className={classes.picture} aria-label="The history as a picture">
      <div className={classes.head}>
        <UnstyledButton className={classes.fold} aria-expanded={open} onClick={() => set({ open: !open })}>
          {open ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
          Picture
        </UnstyledButton>
        {open && (
          <>
            <Picks picture={picture} picked={picked} onCompare={onCompare} />
            <Button variant="subtle" onClick={() => set({ table: !table })}>
              {table ? 'Show as a picture' : 'Show as a table'}
            </Button>
          </>
        )}
      </div>
      {open && (
        <>
          {series.error && (
            <p className={classes.note}>What was measured could not be read. {sayError(series.error)}</p>
          )}
          {series.isPending ? (
            <div className={classes.coming} aria-busy />
          ) : table ? (
            <PictureTable picture={picture} onOpen={onOpen} />
          ) : (
            <Plot picture={picture} picked={picked} onPick={onPick} onOpen={onOpen} />
          )}
          <Notes picture={picture} known={series.data !== undefined} />
        </>
      )}
    </section>
  )
}

function Picks({ picture, picked, onCompare }: { picture: Picture } & Pick<Props, 'picked' | 'onCompare'>) {
  const [older, newer] = picture.graph.nodes.filter(node => picked.includes(node.version.id))
  if (older && newer)
    return (
      <Button onClick={() => onCompare(older.version.id, newer.version.id)}>
        Compare {versionName(older.version)} and {versionName(newer.version)}
      </Button>
    )
  return (
    <span className={classes.hint} role="status">
      {older ? `${versionName(older.version)} is picked. Pick another to compare the two.` : ''}
    </span>
  )
}

/** What the picture cannot show: what is missing, and which values may be compared. */
function Notes({ picture, known }: { picture: Picture; known: boolean }) {
  const { unmeasured, drawn } = picture
  const ways = drawn.find(({ metric }) => metric.key === 'quality')?.groups.length ?? 0
  if (!known) return null
  return (
    <>
      {unmeasured.length > 0 && (
        <p className={classes.note}>Not measured for any version: {unmeasured.join(', ').toLowerCase()}.</p>
      )}
      {ways > 1 && (
        <p className={classes.note}>
          Quality was measured in {count(ways, 'way')} (other cases, judge or models), one shape each. Only what was
          measured alike is joined by a line.
        </p>
      )}
    </>
  )
}
