import { useEffect, useRef } from 'react'
import type { MenuCommand } from '../../shared/contract/desktop.ts'
import type { desktop as desktopClient } from '../api.ts'

type Desktop = Pick<typeof desktopClient, 'commands'>
/** A stream that ends at once must not become a busy loop. */
const PAUSE_MS = 200

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

/** Follows the application menu for as long as the page lives, across restarts of what serves it. */
export async function followMenuCommands(desktop: Desktop, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    try {
      for await (const { command } of await desktop.commands(undefined, { signal })) dispatchMenuCommand(command)
    } catch {
      // The connection was lost; the next call waits for the new one.
    }
    await new Promise(resolve => setTimeout(resolve, PAUSE_MS))
  }
}
