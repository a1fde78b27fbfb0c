import { useRef, useState } from 'react'
import { api } from '../api.ts'

export type Moved = { what: string; done: number }

/** An export or a restore: how far it is, and its end. Its ticket stops it. */
export function useMoving<Result>() {
  const [state, setState] = useState<
    | { at: 'idle' }
    | { at: 'moving'; moved: Moved | undefined; stopping: boolean }
    | { at: 'done'; result: Result }
    | { at: 'failed'; error: unknown }
  >({ at: 'idle' })
  const ticket = useRef('')
  const run = async (begin: (ticket: string) => Promise<AsyncIterator<Moved, Result>>) => {
    ticket.current = crypto.randomUUID()
    setState({ at: 'moving', moved: undefined, stopping: false })
    try {
      const steps = await begin(ticket.current)
      let step = await steps.next()
      while (!step.done) {
        const moved = step.value
        setState(was => (was.at === 'moving' ? { ...was, moved } : was))
        step = await steps.next()
      }
      setState({ at: 'done', result: step.value })
    } catch (error) {
      setState({ at: 'failed', error })
    }
  }
  const stop = () => {
    setState(was => (was.at === 'moving' ? { ...was, stopping: true } : was))
    // Where it cannot be asked, the connection is lost, and the work with it.
    api.registries.stop({ ticket: ticket.current }).catch(() => {})
  }
  return { state, run, stop, dismiss: () => setState({ at: 'idle' }) }
}
