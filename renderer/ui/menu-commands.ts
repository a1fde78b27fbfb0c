import { useEffect, useRef } from 'react'
import type { MenuCommand } from '../../shared/contract/desktop.ts'

type Listener = () => void
const listeners = new Map<MenuCommand, Listener[]>()

/**
 * Listens to an item of the application menu while the component is shown. The newest listener answers, so that an open
 * page or dialog comes before the frame.
 */
export function useMenuCommand(command: MenuCommand, run: Listener): void {
  const latest = useRef(run)
  useEffect(() => {
    latest.current = run
  })
  useEffect(() => {
    const listener = () => latest.current()
    listeners.set(command, [...(listeners.get(command) ?? []), listener])
    return () => {
      listeners.set(
        command,
        (listeners.get(command) ?? []).filter(other => other !== listener),
      )
    }
  }, [command])
}

/** Hands a command from the menu to the newest listener. */
export function dispatchMenuCommand(command: MenuCommand): void {
  listeners.get(command)?.at(-1)?.()
}
