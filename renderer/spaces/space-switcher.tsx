import { Menu } from '@mantine/core'
import { IconCheck, IconChevronDown, IconFlask, IconUser, IconUsers } from '@tabler/icons-react'
import { useLocation } from 'wouter'
import type { Space } from '../../shared/contract/spaces.ts'
import { address } from '../routes.ts'
import { useSpaces } from '../ui/current-space.ts'
import { formatNumber } from '../ui/format.ts'
import { useOpenSample } from './sample.tsx'
import classes from './spaces.module.css'

const ICONS = { personal: IconUser, sample: IconFlask, team: IconUsers } satisfies Record<Space['kind'], unknown>

/** Which library the window shows. A rail has room for its icon alone. */
export function SpaceSwitcher({ rail }: { rail: boolean }) {
  const [, navigate] = useLocation()
  const { spaces, current } = useSpaces()
  const openSample = useOpenSample()
  const Icon = ICONS[current?.kind ?? 'personal']
  return (
    <Menu position="bottom-start" width={240}>
      <Menu.Target>
        <button
          type="button"
          className={rail ? `${classes.switcher} ${classes.rail}` : classes.switcher}
          aria-label={`Space: ${current?.name ?? '…'}`}
        >
          <Icon size={16} stroke={1.5} aria-hidden />
          {!rail && <span className={classes.name}>{current?.name}</span>}
          {!rail && <IconChevronDown size={14} aria-hidden />}
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        {spaces.map(space => (
          <SpaceItem
            key={space.tenantId}
            space={space}
            here={space.tenantId === current?.tenantId}
            open={() => navigate(address.library(space.tenantId))}
          />
        ))}
        {!spaces.some(space => space.kind === 'sample') && (
          <>
            <Menu.Divider />
            <Menu.Item leftSection={<IconFlask size={16} stroke={1.5} />} onClick={() => openSample.mutate()}>
              Open the sample library
            </Menu.Item>
          </>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

function SpaceItem({ space, here, open }: { space: Space; here: boolean; open: () => void }) {
  const Icon = ICONS[space.kind]
  return (
    <Menu.Item
      onClick={open}
      role="menuitemradio"
      aria-checked={here}
      leftSection={<Icon size={16} stroke={1.5} />}
      rightSection={here ? <IconCheck size={16} aria-hidden /> : formatNumber(space.skills)}
    >
      {space.name}
    </Menu.Item>
  )
}
