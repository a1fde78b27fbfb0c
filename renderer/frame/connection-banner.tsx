import { Button, Loader } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import { desktop } from '../api.ts'
import { links } from '../connection.ts'
import classes from './frame.module.css'

/** Shorter losses are not worth a word. */
const PATIENCE_MS = 300
/** What starts the backend again answers sooner than this, where it runs at all. */
const HOST_PATIENCE_MS = 3_000

type BackendState = { state: 'starting' | 'ready' | 'restarting' | 'failed'; reason?: string | undefined }

/** Says what is lost, the backend alone or the whole app behind a browser's page, and goes away by itself when it is back. */
export function ConnectionBanner() {
  const { state } = useStore(links.app.connection)
  const backend = useBackendState()
  const lost = useLasting(state === 'lost' || backend?.state === 'restarting', PATIENCE_MS)
  const host = useStore(links.desktop.connection, connection => connection.state)
  if (useLasting(host === 'lost', HOST_PATIENCE_MS))
    return (
      <div className={classes.banner} role="alert">
        <span>
          Whetstone isn’t running. What you typed is kept in this tab until you close it. Start Whetstone again
          {window.location.port !== '' && (
            <>
              {' '}
              with <code>--port {window.location.port}</code>
            </>
          )}
          , and this tab reconnects by itself.
        </span>
      </div>
    )
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
function useLasting(now: boolean, patience: number): boolean {
  const [lasting, setLasting] = useState(false)
  useEffect(() => {
    if (!now) {
      setLasting(false)
      return
    }
    const timer = setTimeout(() => setLasting(true), patience)
    return () => clearTimeout(timer)
  }, [now, patience])
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
