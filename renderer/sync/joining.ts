import { useCallback, useEffect, useRef, useState } from 'react'
import type { Finding } from '../../shared/contract/sync.ts'
import { api, query, queryClient } from '../api.ts'
import type { JoinStep } from './join-steps.tsx'

export type Joined = {
  tenantId: string
  findings: Finding[]
  /** Null where the registry could not be asked. */
  skills: number | null
  versions: number | null
  inFile: boolean
}
export type Joining =
  | { kind: 'ready' }
  | { kind: 'joining'; step: JoinStep }
  | { kind: 'joined'; joined: Joined; team: string }
  | { kind: 'failed'; error: unknown }

/** Joining, step by step; leaving the page stops it. */
export function useJoining() {
  const [state, setState] = useState<Joining>({ kind: 'ready' })
  const stop = useRef<AbortController>(undefined)
  useEffect(() => () => stop.current?.abort(), [])
  const join = useCallback(async (invite: string, team: string) => {
    const own = new AbortController()
    stop.current = own
    setState({ kind: 'joining', step: 'keeping' })
    try {
      const steps = await api.sync.join({ invite }, { signal: own.signal })
      for (;;) {
        const next = await steps.next()
        if (own.signal.aborted) return
        if (!next.done) {
          setState({ kind: 'joining', step: next.value.step })
          continue
        }
        await Promise.all(
          [query.spaces.key(), query.sync.key()].map(queryKey => queryClient.invalidateQueries({ queryKey })),
        )
        return setState({ kind: 'joined', joined: next.value, team })
      }
    } catch (error) {
      if (!own.signal.aborted) setState({ kind: 'failed', error })
    }
  }, [])
  const cancel = () => {
    stop.current?.abort()
    setState({ kind: 'ready' })
  }
  const again = () => setState(was => (was.kind === 'failed' ? { kind: 'ready' } : was))
  return { state, join, cancel, again }
}
