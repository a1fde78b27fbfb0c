import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export type Recent = { skillId: string; tenantId: string; name: string }

const RECENTS = 30

/** What the frame remembers on this computer: whether the sidebar is open (undefined: as the width allows) and what was visited. */
type FrameState = {
  sidebar: 'open' | 'rail' | undefined
  recents: Recent[]
  setSidebar: (sidebar: 'open' | 'rail') => void
  visited: (recent: Recent) => void
  forget: (skillId: string) => void
}

export const useFrame = create<FrameState>()(
  persist(
    set => ({
      sidebar: undefined,
      recents: [],
      setSidebar: sidebar => set({ sidebar }),
      visited: recent => set(was => ({ recents: putFirst(was.recents, recent) })),
      forget: skillId => set(was => ({ recents: was.recents.filter(other => other.skillId !== skillId) })),
    }),
    { name: 'whetstone.frame' },
  ),
)

/** The newest visit first, each skill once, at most thirty. */
export function putFirst(recents: readonly Recent[], recent: Recent): Recent[] {
  return [recent, ...recents.filter(other => other.skillId !== recent.skillId)].slice(0, RECENTS)
}
