import { notifications } from '@mantine/notifications'
import { createElement } from 'react'
import { sayError } from '../api.ts'
import { NoticeAction } from './notice-action.tsx'

/** A slow reader's time for one character. */
const READING_MS = 80

type Told = { message: string; title?: string; action?: { label: string; run: () => void } }

/** One quiet notification in the corner, with at most one thing to do, such as Undo. */
export function tell({ message, title, action }: Told): void {
  show({ message, ...(title !== undefined && { title }), ...(action && { action }) }, 'steel')
}

/** The same for something that went wrong; it stays until it is closed. */
export function tellError(error: unknown, happened?: string): void {
  show(happened === undefined ? { message: sayError(error) } : { title: happened, message: sayError(error) }, 'red')
}

function show({ message, title, action }: Told, color: 'steel' | 'red'): void {
  const id = crypto.randomUUID()
  const run = () => {
    notifications.hide(id)
    action?.run()
  }
  notifications.show({
    id,
    color,
    ...(title !== undefined && { title }),
    message: action ? createElement(NoticeAction, { message, label: action.label, run }) : message,
    autoClose: color === 'red' ? false : Math.max(action ? 10_000 : 4_000, message.length * READING_MS),
    withBorder: true,
    role: color === 'red' ? 'alert' : 'status',
    closeButtonProps: { 'aria-label': 'Close' },
  })
}
