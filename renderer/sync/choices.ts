import { useState } from 'react'
import { useLocation } from 'wouter'
import type { Conflict } from '../../shared/contract/sync.ts'
import { api } from '../api.ts'
import { address } from '../routes.ts'
import { tellError } from '../ui/tell.ts'

export type Choice = Conflict['choices'][number]

/** Choices that lead somewhere are addresses; the others are done here. */
export function useChoices(conflict: Conflict) {
  const [, navigate] = useLocation()
  const [busy, setBusy] = useState(false)
  const [naming, setNaming] = useState<Choice>()
  const act = async (choice: Choice) => {
    setBusy(true)
    try {
      await api.sync.decideConflict({ id: conflict.id, choice: choice.key })
    } catch (error) {
      tellError(error, 'That was not decided.')
    } finally {
      setBusy(false)
    }
  }
  const choose = (choice: Choice) => {
    const { leads, left, right } = choice
    switch (leads) {
      case 'merge':
        return left !== null && right !== null && navigate(address.merge({ left, right }))
      case 'compare':
        return navigate(
          address.compare({
            ...(left !== null && { left: { kind: 'version', id: left } as const }),
            ...(right !== null
              ? { right: { kind: 'version', id: right } as const }
              : conflict.skillId !== null && { right: { kind: 'working', skillId: conflict.skillId } as const }),
          }),
        )
      case 'open':
        return (
          conflict.skillId !== null &&
          navigate(address.skill(left ?? conflict.skillId, conflict.kind === 'review' ? 'ratings' : 'write'))
        )
      case 'name':
        return setNaming(choice)
      case 'act':
        return void act(choice)
      default:
        return leads satisfies never
    }
  }
  return { choose, busy, naming, setNaming }
}
