import { useEffect, useReducer } from 'react'
import { NOTHING, readSettling, startSteps, take } from './settling.ts'

const keyOf = (left: string, right: string): string => `whetstone.merge ${left} ${right}`

/** The decisions about one pair of versions. They outlive leaving the page and a reload, though not the window. */
export function useSettling(left: string, right: string) {
  const key = keyOf(left, right)
  const [steps, decide] = useReducer(take, key, name => startSteps(readSettling(sessionStorage.getItem(name))))
  useEffect(() => {
    try {
      if (steps.now === NOTHING) sessionStorage.removeItem(key)
      else sessionStorage.setItem(key, JSON.stringify(steps.now))
    } catch {
      // The page's memory is full: the decisions last as long as the page.
    }
  }, [key, steps.now])
  return { steps, decide }
}

/** Once merged, the decisions have done their work. */
export const forgetSettling = (left: string, right: string): void => sessionStorage.removeItem(keyOf(left, right))
