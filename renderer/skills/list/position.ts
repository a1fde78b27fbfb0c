import { useMemo, useReducer } from 'react'

/** Where a list stands: its active row and how far it is scrolled, in pixels. */
type Position = { active: number; offset: number }
export type ListPosition = Position & { setActive: (active: number) => void; setOffset: (offset: number) => void }

const START: Position = { active: 0, offset: 0 }
const kept = new Map<string, Position>()

/** The position of the list at this address, kept while the window is open, so that coming back finds it again. */
export function useListPosition(address: string): ListPosition {
  const [, redraw] = useReducer((times: number) => times + 1, 0)
  const setters = useMemo(() => {
    const put = (change: Partial<Position>) => kept.set(address, { ...(kept.get(address) ?? START), ...change })
    return {
      setActive: (active: number) => {
        put({ active })
        redraw()
      },
      // Scrolling draws nothing again: the offset is read when the list is mounted.
      setOffset: (offset: number) => void put({ offset }),
    }
  }, [address])
  return { ...(kept.get(address) ?? START), ...setters }
}
