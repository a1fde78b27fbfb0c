import { Button, Loader } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { desktop } from '../api.ts'
import { links } from '../connection.ts'
import classes from './frame.module.css'

/** Shorter losses are not worth a word. */
const PATIENCE_MS = 300

type BackendState = { state: 'starting' | 'ready' | 'restarting' | 'failed'; reason?: string | undefined }

/** Says calmly that the backend is gone, and goes away by itself when it is back. */
export function ConnectionBanner() {
  const { state } = useStore(links.app.connection)
  const backend = useBackendState()
  const lost = useLasting(state === 'lost' || backend?.state === 'restarting')
  if (backend?.state === 'failed')
    return (
      <div className={classes.banner} role="alert">
        <span>
          The backend stopped and could not be started again. {backend.reason} What you typed is kept in this window
          until you close it.
        </span>
        <Button
          variant="default"
          className={classes.bannerButton}
          onClick={() => void desktop.retryBackend().catch(() => {})}
        >
          Try again
        </Button>
      </div>
    )
  if (!lost) return null
  return (
    <div className={classes.banner} role="status">
      <Loader size={14} color="gray" />
      <span>The backend stopped; restarting… What you typed is kept.</span>
    </div>
  )
}

/** True once something has been true for a moment, false as soon as it is not. */
function useLasting(now: boolean): boolean {
  const [lasting, setLasting] = useState(false)
  useEffect(() => {
    if (!now) {
      setLasting(false)
      return
    }
    const timer = setTimeout(() => setLasting(true), PATIENCE_MS)
    return () => clearTimeout(timer)
  }, [now])
  return now && lasting
}

/** What the desktop says of the backend; it listens again after every connection to the desktop. */
function useBackendState(): BackendState | undefined {
  const opened = useStore(links.desktop.connection, connection => connection.opened)
  const [backend, setBackend] = useState<BackendState>()
  useEffect(() => {
    if (opened === 0) return
    const stop = new AbortController()
    void (async () => {
      try {
        for await (const said of await desktop.backend(undefined, { signal: stop.signal })) setBackend(said)
      } catch {
        // The desktop went away too, or the page did: the next connection listens again.
      }
    })()
    return () => stop.abort()
  }, [opened])
  return backend
}
