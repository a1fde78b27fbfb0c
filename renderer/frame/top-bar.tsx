import { Button } from '@mantine/core'
import {
  IconArrowLeft,
  IconArrowRight,
  IconFileImport,
  IconLayoutSidebar,
  IconPlus,
  IconSearch,
} from '@tabler/icons-react'
import { useSyncExternalStore } from 'react'
import { Link } from 'wouter'
import { address } from '../routes.ts'
import { useSpaces } from '../ui/current-space.ts'
import { showDialog } from '../ui/dialogs.ts'
import { IconAction } from '../ui/icon-action.tsx'
import { sayShortcut } from '../ui/shortcut.ts'
import classes from './frame.module.css'
import type { Place } from './place.ts'
import type { SidebarWidth } from './sidebar-width.ts'

const NAMES = {
  library: 'Library',
  feedback: 'Inbox',
  compare: 'Compare',
  merge: 'Merge',
  settings: 'Settings',
  providers: 'Model providers',
  skill: 'Skill',
  sync: 'Sync',
  join: 'Join a team',
  registries: 'Team registries',
}

type Props = { place: Place; sidebar: SidebarWidth; openJump: () => void }

export function TopBar({ place, sidebar, openJump }: Props) {
  const { current } = useSpaces()
  const { back, forward } = useHistoryEnds()
  return (
    <header className={classes.bar}>
      <div className={classes.ends}>
        <IconAction
          name={sidebar.rail ? 'Widen the sidebar' : 'Narrow the sidebar'}
          shortcut="mod+B"
          aria-expanded={!sidebar.rail}
          onClick={sidebar.toggle}
        >
          <IconLayoutSidebar size={18} stroke={1.5} />
        </IconAction>
        <IconAction name="Back" shortcut="alt+ArrowLeft" disabled={!back} onClick={() => window.history.back()}>
          <IconArrowLeft size={18} stroke={1.5} />
        </IconAction>
        <IconAction
          name="Forward"
          shortcut="alt+ArrowRight"
          disabled={!forward}
          onClick={() => window.history.forward()}
        >
          <IconArrowRight size={18} stroke={1.5} />
        </IconAction>
      </div>
      <div className={classes.crumbs}>
        {place.skill !== undefined && current !== undefined && (
          <>
            <Link href={address.library(current.tenantId)}>Library</Link>
            <span className={classes.sep}>/</span>
          </>
        )}
        <span>{place.skill?.name ?? (place.name === undefined ? 'Whetstone' : NAMES[place.name])}</span>
      </div>
      <button type="button" className={classes.jump} onClick={openJump}>
        <IconSearch size={14} aria-hidden />
        <span>Search, or jump to…</span>
        <kbd>{sayShortcut('mod+K')}</kbd>
      </button>
      <Button
        variant="default"
        leftSection={<IconFileImport size={16} stroke={1.5} />}
        onClick={() => showDialog('import')}
      >
        Import
      </Button>
      <Button leftSection={<IconPlus size={16} stroke={2} />} onClick={() => showDialog('new-skill')}>
        New skill
      </Button>
    </header>
  )
}

/** Whether there is somewhere to go back or forward to, where the browser can say (all that this app runs in can). */
function useHistoryEnds(): { back: boolean; forward: boolean } {
  const ends = useSyncExternalStore(followHistory, readHistory)
  return { back: ends.startsWith('1'), forward: ends.endsWith('1') }
}

function followHistory(changed: () => void): () => void {
  window.navigation.addEventListener('currententrychange', changed)
  return () => window.navigation.removeEventListener('currententrychange', changed)
}

const readHistory = (): string => `${Number(window.navigation.canGoBack)}${Number(window.navigation.canGoForward)}`
