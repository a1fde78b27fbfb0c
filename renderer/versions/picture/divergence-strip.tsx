import { Anchor, Menu } from '@mantine/core'
import { Link, useLocation } from 'wouter'
import type { VersionRow } from '../../../shared/contract/versions.ts'
import { address } from '../../routes.ts'
import { count } from '../../ui/format.ts'
import { commonAncestor, headsOf } from '../../ui/lineage.ts'
import { versionName } from '../../ui/version-name.ts'
import classes from './picture.module.css'

/** More than this nobody looks through; they can be merged from a comparison. */
const LISTED = 12

/** Says where a history went apart, and offers to put it together. @param rows newest first. */
export function DivergenceStrip({ rows }: { rows: readonly VersionRow[] }) {
  const [, navigate] = useLocation()
  const [newest, other, ...more] = headsOf(rows)
  if (!newest || !other) return null
  const base = commonAncestor(rows, newest.id, other.id)
  const both = `${versionName(other)} and ${versionName(newest)}`
  const merge = (head: VersionRow) => address.merge({ left: head.id, right: newest.id })
  return (
    <div className={classes.strip} role="status">
      <span>
        {base ? `${both} both come from ${versionName(base)}.` : `${both} have nothing in common.`}
        {other.author.name !== newest.author.name && ` ${sayAuthors(other, newest)}`}
      </span>
      <Anchor component={Link} href={merge(other)}>
        Merge…
      </Anchor>
      {more.length > 0 && (
        <Menu>
          <Menu.Target>
            <Anchor component="button" type="button">
              {count(more.length, 'more branch', 'more branches')}
            </Anchor>
          </Menu.Target>
          <Menu.Dropdown>
            {more.slice(0, LISTED).map(head => (
              <Menu.Item key={head.id} onClick={() => navigate(merge(head))}>
                Merge {versionName(head)} and {versionName(newest)}…
              </Menu.Item>
            ))}
            {more.length > LISTED && <Menu.Label>Others can be merged from a comparison of the two.</Menu.Label>}
          </Menu.Dropdown>
        </Menu>
      )}
    </div>
  )
}

/** 'You saved v5, Grace v6.' */
const sayAuthors = (one: VersionRow, other: VersionRow): string =>
  `${one.mine ? 'You' : one.author.name} saved ${versionName(one)}, ${other.mine ? 'you' : other.author.name} ${versionName(other)}.`
