import { useQuery } from '@tanstack/react-query'
import { create } from 'zustand'
import { persist } from 'zustand/middleware'
import type { Space } from '../../shared/contract/spaces.ts'
import { query } from '../api.ts'

/** The space a person was in last, by tenant: where the app opens again, and where new and imported skills go. */
type CurrentSpace = { tenantId: string | undefined; enter: (tenantId: string) => void }

export const useEnteredSpace = create<CurrentSpace>()(
  persist(
    set => ({
      tenantId: undefined,
      enter: tenantId => set(was => (was.tenantId === tenantId ? was : { tenantId })),
    }),
    { name: 'whetstone.space' },
  ),
)

const NONE: Space[] = []

/** All spaces, and the one that is shown: the one entered last, or the personal one. Undefined until they are known. */
export function useSpaces(): { spaces: Space[]; current: Space | undefined; error: Error | null; retry: () => void } {
  const { data: spaces = NONE, error, refetch } = useQuery(query.spaces.list.queryOptions())
  const entered = useEnteredSpace(state => state.tenantId)
  return { spaces, current: currentSpace(spaces, entered), error, retry: () => void refetch() }
}

/** The space entered last, if it still is there, or the personal one. */
export const currentSpace = (spaces: readonly Space[], entered: string | undefined): Space | undefined =>
  spaces.find(space => space.tenantId === entered) ?? spaces.find(space => space.kind === 'personal') ?? spaces[0]
