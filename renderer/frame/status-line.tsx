import { IconCheck, IconPlugConnectedX } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { useStore } from 'zustand'
import { links } from '../connection.ts'
import classes from './frame.module.css'

/** One quiet line: where work in the background stands, or that all is well. */
export function StatusLine({ task }: { task: ReactNode }) {
  const { state } = useStore(links.app.connection)
  if (state !== 'open')
    return (
      <div className={classes.status} role="status">
        <IconPlugConnectedX size={14} aria-hidden />
        <span>{state === 'lost' ? 'Reconnecting…' : 'Connecting…'}</span>
      </div>
    )
  if (task) return <div className={classes.status}>{task}</div>
  return (
    <div className={classes.status} title="Nothing leaves this computer: this library has no registry.">
      <IconCheck size={14} aria-hidden />
      <span>On this computer</span>
    </div>
  )
}
