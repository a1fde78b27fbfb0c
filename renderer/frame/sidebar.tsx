import { ActionIcon, Tooltip } from '@mantine/core'
import { IconBook2, IconGitCompare, IconInbox, IconSettings } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import type { ReactNode } from 'react'
import { Link } from 'wouter'
import { query } from '../api.ts'
import { address } from '../routes.ts'
import { useSpaces } from '../ui/current-space.ts'
import { formatNumber } from '../ui/format.ts'
import { sayShortcut } from '../ui/shortcut.ts'
import classes from './frame.module.css'
import { useFrame } from './frame-store.ts'
import type { Place, PlaceName } from './place.ts'
import { StatusLine } from './status-line.tsx'

const SHOWN_RECENTS = 12

type Props = { place: Place; rail: boolean; switcher: (rail: boolean) => ReactNode; task?: ReactNode }

export function Sidebar({ place, rail, switcher, task }: Props) {
  const { current } = useSpaces()
  const waiting = useQuery({
    ...query.feedback.list.queryOptions({ input: { tenantId: current?.tenantId ?? '', status: 'pending' } }),
    enabled: current !== undefined,
  }).data?.length
  const library = current === undefined ? address.home() : address.library(current.tenantId)
  const inbox = current === undefined ? address.home() : address.feedback(current.tenantId)
  const item = (name: PlaceName, label: string, href: string, icon: ReactNode, count?: number) => (
    <Item {...{ label, href, icon, rail }} count={count} here={place.name === name} />
  )
  return (
    <nav className={classes.sidebar} data-rail={rail || undefined} aria-label="Places">
      {switcher(rail)}
      {item('library', 'Library', library, <IconBook2 size={18} stroke={1.5} />, current?.skills)}
      {item('compare', 'Compare', address.compare(), <IconGitCompare size={18} stroke={1.5} />)}
      {item('feedback', 'Inbox', inbox, <IconInbox size={18} stroke={1.5} />, waiting)}
      {!rail && <Recents place={place} tenantId={current?.tenantId} />}
      <div className={classes.foot}>
        {!rail && <StatusLine task={task} />}
        <Settings here={place.name === 'settings'} />
      </div>
    </nav>
  )
}

type ItemProps = {
  label: string
  href: string
  icon: ReactNode
  rail: boolean
  here: boolean
  count: number | undefined
}

function Item({ label, href, icon, rail, here, count }: ItemProps) {
  return (
    <Tooltip label={label} position="right" disabled={!rail}>
      <Link
        href={href}
        className={classes.link}
        aria-current={here ? 'page' : undefined}
        aria-label={rail ? label : undefined}
      >
        {icon}
        {!rail && <span className={classes.linkName}>{label}</span>}
        {!rail && count !== undefined && count > 0 && <span className={classes.linkCount}>{formatNumber(count)}</span>}
      </Link>
    </Tooltip>
  )
}

function Settings({ here }: { here: boolean }) {
  return (
    <Tooltip label={`Settings (${sayShortcut('mod+,')})`}>
      <ActionIcon
        component={Link}
        href={address.settings()}
        aria-label="Settings"
        aria-current={here ? 'page' : undefined}
      >
        <IconSettings size={18} stroke={1.5} />
      </ActionIcon>
    </Tooltip>
  )
}

function Recents({ place, tenantId }: { place: Place; tenantId: string | undefined }) {
  const recents = useFrame(state => state.recents).filter(recent => recent.tenantId === tenantId)
  if (recents.length === 0) return null
  return (
    <>
      <h2 className={classes.heading} id="recents">
        Recent
      </h2>
      <section className={classes.recents} aria-labelledby="recents">
        {recents.slice(0, SHOWN_RECENTS).map(({ skillId, name }) => (
          <Link
            key={skillId}
            href={address.skill(skillId)}
            className={classes.link}
            aria-current={place.skill?.id === skillId ? 'page' : undefined}
            title={name}
          >
            <span className={classes.linkName}>{name}</span>
          </Link>
        ))}
      </section>
    </>
  )
}
