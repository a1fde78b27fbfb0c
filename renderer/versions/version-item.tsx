import { Anchor, Checkbox, Menu } from '@mantine/core'
import { IconDots } from '@tabler/icons-react'
import { type KeyboardEvent, useState } from 'react'
import type { SkillDetail } from '../../shared/contract/skills.ts'
import type { VersionRow } from '../../shared/contract/versions.ts'
import type { WorkingCopy } from '../../shared/contract/working-copies.ts'
import { approve } from '../ui/approve.ts'
import { stars } from '../ui/format.ts'
import { IconAction } from '../ui/icon-action.tsx'
import { mayApprove, useTeam, whyReadOnly } from '../ui/team.ts'
import { Time } from '../ui/time.tsx'
import { sayClaim } from '../ui/version-claim.ts'
import { versionName } from '../ui/version-name.ts'
import { editFrom } from './edit-from.ts'
import { ExportToFolder, exportArchive } from './exporting.tsx'
import classes from './history.module.css'
import { publish } from './publish.ts'
import { restore } from './restore.ts'

type Props = {
  row: VersionRow
  before: VersionRow | undefined
  newest: boolean
  now: number
  skill: SkillDetail
  working: WorkingCopy
  picked: boolean
  /** One of several that nothing joins yet. */
  apart: boolean
  focusable: boolean
  onFocus: () => void
  onMove: (step: 1 | -1) => void
  onEdge: (end: boolean) => void
  onPick: () => void
  onOpen: () => void
  /** The working copy holds this version now. */
  onEdit: () => void
  onCompare: (left: string | undefined, right: string) => void
}

/** One version: number, who, when, why. */
export function VersionItem(props: Props) {
  const {
    row,
    before,
    newest,
    now,
    skill,
    working,
    picked,
    apart,
    focusable,
    onFocus,
    onPick,
    onOpen,
    onEdit,
    onCompare,
  } = props
  const [wide, setWide] = useState(false)
  const [first = '', ...rest] = row.message.split('\n')
  const more = rest.join('\n').trim()
  const name = versionName(row)
  const compareWithBefore = () => (before ? onCompare(before.id, `version:${row.id}`) : onOpen())

  const press = (event: KeyboardEvent<HTMLElement>) => {
    const actions: [string, () => void][] = [
      ['ArrowDown', () => props.onMove(1)],
      ['ArrowUp', () => props.onMove(-1)],
      ['Home', () => props.onEdge(false)],
      ['End', () => props.onEdge(true)],
      ['Enter', compareWithBefore],
      [' ', onPick],
      ['o', onOpen],
    ]
    const act = actions.find(([key]) => key === event.key)?.[1]
    if (!act) return
    event.preventDefault()
    act()
  }
  return (
    <li className={classes.item} data-picked={picked}>
      <Checkbox aria-label={`Pick ${name} to compare`} checked={picked} onChange={onPick} tabIndex={-1} />
      <span className={classes.number}>{row.number === null ? 'new' : name}</span>
      <div className={classes.why}>
        <Anchor
          component="button"
          type="button"
          className={classes.message}
          data-version={row.id}
          aria-label={`${name}: ${first || 'no message'}, ${row.author.name}${row.published ? ', published' : ''}`}
          aria-keyshortcuts="Enter Space O"
          tabIndex={focusable ? 0 : -1}
          onClick={onOpen}
          onKeyDown={press}
          onFocus={onFocus}
        >
          {first || 'No message'}
        </Anchor>
        {more !== '' && !wide && (
          <button
            type="button"
            className={classes.more}
            onClick={() => setWide(true)}
            aria-label={`Whole message of ${name}`}
          >
            …
          </button>
        )}
        {wide && <p className={classes.rest}>{more}</p>}
        <p className={classes.who}>
          {row.number === null && <strong>waiting for its number · </strong>}
          {row.author.name} · <Time at={row.createdAt} now={now} />
          {row.claimed !== null && ` · ${sayClaim(row)}`}
          {row.published && <strong className={classes.published}> ✓ published</strong>}
          {row.mergedId !== null && ' · merge of two'}
          {apart && ' · stands apart: not merged'}
          {row.elsewhere && ' · not on this computer: opening it brings it'}
          {row.totalRatings > 0 && ` · ★ ${stars(row.averageRating)} (${row.totalRatings})`}
        </p>
      </div>
      <div className={classes.acts}>
        {before && (
          <Anchor component="button" type="button" onClick={compareWithBefore} tabIndex={-1}>
            Compare with {versionName(before)}
          </Anchor>
        )}
        <VersionMenu {...{ row, newest, skill, working, onOpen, onEdit, onCompare }} />
      </div>
    </li>
  )
}

type MenuProps = Pick<Props, 'row' | 'newest' | 'skill' | 'working' | 'onEdit' | 'onCompare'> & {
  /** Undefined where the version is open. */
  onOpen?: () => void
}

export function VersionMenu({ row, newest, skill, working, onOpen, onEdit, onCompare }: MenuProps) {
  const [exporting, setExporting] = useState(false)
  const team = useTeam(skill.tenantId)
  const readOnly = whyReadOnly(team) !== undefined
  const of = { kind: 'version' as const, id: row.id }
  const name = versionName(row)
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <IconAction name={`Actions for ${name}`}>
            <IconDots size={18} stroke={1.5} />
          </IconAction>
        </Menu.Target>
        <Menu.Dropdown>
          {onOpen && <Menu.Item onClick={onOpen}>Open</Menu.Item>}
          {working.changed && (
            <Menu.Item onClick={() => onCompare(row.id, `working:${skill.id}`)}>
              Compare with the working copy
            </Menu.Item>
          )}
          {!readOnly && (working.changed || working.base?.id !== row.id) && (
            <Menu.Item onClick={() => void editFrom(row).then(done => done && onEdit())}>
              Edit from this version
            </Menu.Item>
          )}
          {!newest && !readOnly && (
            <Menu.Item onClick={() => void restore(row, working)}>Restore as a new version</Menu.Item>
          )}
          {mayApprove(team, skill, row) && (
            <Menu.Item onClick={() => void approve(row.id, name)}>Approve {name} for publishing</Menu.Item>
          )}
          {!row.published && !readOnly && (
            <Menu.Item onClick={() => void publish(skill, row)}>Publish {name}</Menu.Item>
          )}
          <Menu.Divider />
          <Menu.Item onClick={() => void exportArchive(of)}>Export as .skill</Menu.Item>
          <Menu.Item onClick={() => setExporting(true)}>Export to a folder…</Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {exporting && <ExportToFolder of={of} name={skill.slug} onClose={() => setExporting(false)} />}
    </>
  )
}
