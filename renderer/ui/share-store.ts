import { create } from 'zustand'

export type SkillToShare = { id: string; slug: string; name: string; versions: number; tenantId: string }

/** Skills that a person wants to copy to another library; the dialog for it is open while there are any. */
type Share = { skills: readonly SkillToShare[]; ask: (skills: readonly SkillToShare[]) => void; close: () => void }

export const useShare = create<Share>(set => ({
  skills: [],
  ask: skills => set({ skills }),
  close: () => set({ skills: [] }),
}))

export const askToShare = (skills: readonly SkillToShare[]): void => useShare.getState().ask(skills)
