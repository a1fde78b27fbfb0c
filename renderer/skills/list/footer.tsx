import { Button } from '@mantine/core'
import { IconArchive, IconArchiveOff, IconCopy, IconDownload } from '@tabler/icons-react'
import { useState } from 'react'
import type { SkillRow } from '../../../shared/contract/skills.ts'
import { useDesktopAbout } from '../../ui/desktop-about.ts'
import { count, formatNumber } from '../../ui/format.ts'
import { askToShare } from '../../ui/share-store.ts'
import { archive, exportSkills } from './bulk.ts'
import classes from './list.module.css'

type Props = { total: number; versions: number; selected: readonly SkillRow[]; onClear: () => void }

/** What the list holds; with a selection, what can be done with it, in the same place. */
export function Footer({ total, versions, selected, onClear }: Props) {
  const dialogs = useDesktopAbout()?.dialogs ?? false
  const [busy, setBusy] = useState(false)
  if (selected.length === 0)
    return (
      <footer className={classes.footer}>
        <span role="status">
          {count(total, 'skill')} · {count(versions, 'version')}
        </span>
      </footer>
    )
  const during = async (work: Promise<void>, clear: boolean) => {
    setBusy(true)
    await work
    setBusy(false)
    if (clear) onClear()
  }
  const allArchived = selected.every(row => row.status === 'archived')
  return (
    <footer className={classes.footer} data-selected>
      <span role="status">{formatNumber(selected.length)} selected</span>
      <Button
        variant="default"
        disabled={busy}
        leftSection={allArchived ? <IconArchiveOff size={16} stroke={1.5} /> : <IconArchive size={16} stroke={1.5} />}
        onClick={() => void during(archive(selected, !allArchived), true)}
      >
        {allArchived ? 'Bring back' : 'Archive'}
      </Button>
      <Button
        variant="default"
        disabled={busy}
        leftSection={<IconDownload size={16} stroke={1.5} />}
        onClick={() => void during(exportSkills(selected, dialogs), false)}
      >
        Export
      </Button>
      <Button
        variant="default"
        disabled={busy || !selected.some(row => row.versions > 0)}
        leftSection={<IconCopy size={16} stroke={1.5} />}
        onClick={() => askToShare(selected.filter(row => row.versions > 0))}
      >
        Copy to…
      </Button>
      <Button variant="subtle" className={classes.push} onClick={onClear}>
        Clear
      </Button>
    </footer>
  )
}
