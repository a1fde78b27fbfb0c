import { Spotlight } from '@mantine/spotlight'
import { Highlight } from '../ui/highlight.tsx'
import { sayShortcut } from '../ui/shortcut.ts'
import classes from './quick-open.module.css'

export type Action = {
  id: string
  label: string
  /** Quiet, at the right end. */
  detail?: string
  /** One line below the label; may carry the marks of a search. */
  snippet?: string
  shortcut?: string
  run: () => void
}
export type Group = { name: string; actions: readonly Action[] }

/** Groups of things to jump to or do; groups with nothing in them are left out. */
export function ActionList({ groups }: { groups: readonly Group[] }) {
  const shown = groups.filter(group => group.actions.length > 0)
  return (
    <Spotlight.ActionsList>
      {shown.map(group => (
        <Spotlight.ActionsGroup key={group.name} label={group.name}>
          {group.actions.map(action => (
            <Spotlight.Action key={action.id} onClick={action.run}>
              <span className={classes.action}>
                <span className={classes.label}>{action.label}</span>
                <span className={classes.detail}>
                  {action.shortcut === undefined ? action.detail : sayShortcut(action.shortcut)}
                </span>
                {action.snippet !== undefined && (
                  <span className={classes.snippet}>
                    <Highlight snippet={action.snippet} />
                  </span>
                )}
              </span>
            </Spotlight.Action>
          ))}
        </Spotlight.ActionsGroup>
      ))}
      {shown.length === 0 && <Spotlight.Empty>Nothing here is called that.</Spotlight.Empty>}
    </Spotlight.ActionsList>
  )
}
