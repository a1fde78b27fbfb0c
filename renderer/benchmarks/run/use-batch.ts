import { useEffect, useState } from 'react'
import type { Batch, BatchEvent } from '../../../shared/contract/benchmarks.ts'
import { api } from '../../api.ts'

export type Cell = NonNullable<BatchEvent['cell']>

/** A batch as it is now: followed live while it runs, with the cells that moved since one looks. */
export function useBatch(given: Batch): { batch: Batch; cells: ReadonlyMap<string, Cell> } {
  const [live, setLive] = useState<{ batch: Batch; cells: Map<string, Cell> }>()
  const runs = given.state === 'running'
  const { id } = given
  useEffect(() => {
    if (!runs) return
    const stop = new AbortController()
    void follow(id, stop.signal, event =>
      setLive(was => {
        const cells = new Map(was?.cells)
        const { cell } = event
        if (cell) cells.set(`${cell.runId} ${cell.caseId} ${cell.model} ${cell.repeat}`, cell)
        return { batch: event.batch, cells }
      }),
    )
    return () => {
      stop.abort()
      setLive(undefined)
    }
  }, [id, runs])
  return { batch: runs ? (live?.batch ?? given) : given, cells: live?.cells ?? NONE }
}

const NONE: ReadonlyMap<string, Cell> = new Map()

async function follow(id: string, signal: AbortSignal, onEvent: (event: BatchEvent) => void): Promise<void> {
  try {
    for await (const event of await api.benchmarks.watch({ id }, { signal })) onEvent(event)
  } catch {
    // The connection was lost or the card closed: the list says how it stands.
  }
}
