import {
  IconAlertTriangle,
  IconCheck,
  IconCloudOff,
  IconPlayerPause,
  IconPlugConnectedX,
  IconRefresh,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { useStore } from 'zustand'
import type { ShownTeam } from '../../shared/contract/sync.ts'
import { useBringing } from '../bring-content.ts'
import { links } from '../connection.ts'
import { address } from '../routes.ts'
import { useSpaces } from '../ui/current-space.ts'
import { sayBriefly } from '../ui/sync-words.ts'
import { useTeam } from '../ui/team.ts'
import { useNow } from '../ui/time.tsx'
import classes from './frame.module.css'

/** One quiet line: where work in the background stands, how the team's library is doing, or that all is well. */
export function StatusLine({ task }: { task: ReactNode }) {
  const { state } = useStore(links.app.connection)
  const bringing = useBringing(({ versions }) => versions)
  const { current } = useSpaces()
  const team = useTeam(current?.tenantId)
  if (state !== 'open')
    return (
      <div className={classes.status} role="status">
        <IconPlugConnectedX size={14} aria-hidden />
        <span>{state === 'lost' ? 'Reconnecting…' : 'Connecting…'}</span>
      </div>
    )
  if (task) return <div className={classes.status}>{task}</div>
  if (bringing > 0)
    return (
      <div className={classes.status} role="status">
        <IconRefresh size={14} aria-hidden />
        <span>{bringing === 1 ? 'Bringing a version…' : `Bringing ${bringing} versions…`}</span>
      </div>
    )
  if (team) return <TeamLine team={team} />
  return (
    <div className={classes.status} title="Nothing leaves this computer: this library has no registry.">
      <IconCheck size={14} aria-hidden />
      <span>On this computer</span>
    </div>
  )
}

const ICONS: Record<ShownTeam['state'], typeof IconCheck> = {
  synced: IconCheck,
  syncing: IconRefresh,
  waiting: IconRefresh,
  offline: IconCloudOff,
  paused: IconPlayerPause,
  attention: IconAlertTriangle,
  readOnly: IconAlertTriangle,
  left: IconPlugConnectedX,
}

function TeamLine({ team }: { team: ShownTeam }) {
  const now = useNow()
  const words = sayBriefly(team, now)
  const Icon = team.needsYou > 0 ? IconAlertTriangle : ICONS[team.state]
  return (
    <Link
      href={address.sync(team.tenantId)}
      className={`${classes.status} ${classes.team}`}
      aria-label={`Sync with ${team.name}: ${words}`}
      title={`Sync with ${team.name}: ${words}`}
    >
      <Icon size={14} aria-hidden />
      <span data-testid="sync">{words}</span>
    </Link>
  )
}
