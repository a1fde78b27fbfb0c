import { Menu } from '@mantine/core'
import { IconChevronDown, IconFlask, IconServer, IconUser, IconUserPlus, IconUsers } from '@tabler/icons-react'
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
        <Menu.RadioGroup value={current?.tenantId ?? null} onChange={tenantId => navigate(address.library(tenantId))}>
          {spaces.map(space => (
            <Menu.RadioItem
              key={space.tenantId}
              value={space.tenantId}
              closeMenuOnClick
              rightSection={formatNumber(space.skills)}
            >
              {space.name}
            </Menu.RadioItem>
          ))}
        </Menu.RadioGroup>
        <Menu.Divider />
        <Menu.Item leftSection={<IconUserPlus size={16} stroke={1.5} />} onClick={() => navigate(address.join())}>
          Join a team…
        </Menu.Item>
        <Menu.Item leftSection={<IconServer size={16} stroke={1.5} />} onClick={() => navigate(address.registries())}>
          Team registries
        </Menu.Item>
        {!spaces.some(space => space.kind === 'sample') && (
          <Menu.Item leftSection={<IconFlask size={16} stroke={1.5} />} onClick={() => openSample.mutate()}>
            Open the sample library
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}
