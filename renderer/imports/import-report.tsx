import { Button, Group, Stack } from '@mantine/core'
import { useVirtualizer } from '@tanstack/react-virtual'
import { useRef } from 'react'
import { Link } from 'wouter'
import type { ImportReport } from '../../shared/contract/imports.ts'
import { address } from '../routes.ts'
import { CopyTextButton } from '../ui/copy-button.tsx'
import { count, formatNumber } from '../ui/format.ts'
import { sayReport } from './import-words.ts'
import classes from './imports.module.css'

type Props = { report: ImportReport; tenantId: string; onClose: () => void; onAnother: () => void }

/** What came in, what stayed out and why, and the way to it. */
export function ImportReportView({ report, tenantId, onClose, onAnother }: Props) {
  const { skillsAdded, skillsUpdated, skillsUnchanged, versionsAdded, skipped, skills, cancelled } = report
  const [only] = skills
  return (
    <Stack gap="md">
      <div role="status">
        {cancelled && 'Stopped. What is counted here was kept. '}
        {sayReport(report)}
      </div>
      <dl className={classes.figures}>
        <Figure name="Added" value={skillsAdded} />
        <Figure name="Updated" value={skillsUpdated} />
        <Figure name="Already here" value={skillsUnchanged} />
        <Figure name="New versions" value={versionsAdded} />
      </dl>
      {skipped.length > 0 && <Skipped skipped={skipped} />}
      {skills.length > 0 && <Imported skills={skills} onOpen={onClose} />}
      <Group gap="sm" justify="flex-end">
        <Button variant="default" onClick={onAnother}>
          Import more
        </Button>
        {skills.length === 1 && only ? (
          <Button component={Link} href={address.skill(only.id)} onClick={onClose} data-autofocus>
            Open {only.name}
          </Button>
        ) : (
          <Button component={Link} href={address.library(tenantId)} onClick={onClose} data-autofocus>
            Show the library
          </Button>
        )}
      </Group>
    </Stack>
  )
}

const Figure = ({ name, value }: { name: string; value: number }) => (
  <div>
    <dt>{name}</dt>
    <dd>{formatNumber(value)}</dd>
  </div>
)

function Imported({ skills, onOpen }: { skills: ImportReport['skills']; onOpen: () => void }) {
  return (
    <section>
      <h3 className={classes.head}>Open</h3>
      <div className={classes.lines} style={{ maxHeight: 140 }}>
        {skills.map(({ id, name, versionsAdded }) => (
          <div key={id} className={`${classes.line} ${classes.open}`}>
            <Link href={address.skill(id)} onClick={onOpen}>
              {name}
            </Link>
            <span className={classes.dim}>{count(versionsAdded, 'version')}</span>
          </div>
        ))}
      </div>
    </section>
  )
}

function Skipped({ skipped }: { skipped: ImportReport['skipped'] }) {
  const scroll = useRef<HTMLDivElement>(null)
  const virtualizer = useVirtualizer({
    count: skipped.length,
    getScrollElement: () => scroll.current,
    estimateSize: () => 48,
    initialRect: { width: 500, height: 220 },
  })
  const text = skipped.map(({ path, message }) => `${path}\t${message}`).join('\n')
  return (
    <section>
      <Group justify="space-between" mb={4}>
        <h3 className={classes.head} style={{ margin: 0 }}>
          {formatNumber(skipped.length)} to look at
        </h3>
        <CopyTextButton text={text} label="Copy the list" />
      </Group>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a box that scrolls is reached by keys */}
      <section className={classes.lines} ref={scroll} aria-label="To look at" tabIndex={0}>
        <ul
          style={{ position: 'relative', height: virtualizer.getTotalSize(), margin: 0, padding: 0, listStyle: 'none' }}
        >
          {virtualizer.getVirtualItems().map(({ index, start }) => {
            const line = skipped[index]
            return (
              line && (
                <li
                  key={index}
                  ref={virtualizer.measureElement}
                  data-index={index}
                  className={classes.line}
                  style={{ position: 'absolute', top: 0, right: 0, left: 0, transform: `translateY(${start}px)` }}
                >
                  <div className={classes.path}>{line.path}</div>
                  <div>{line.message}</div>
                </li>
              )
            )
          })}
        </ul>
      </section>
    </section>
  )
}
