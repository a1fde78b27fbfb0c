import { create } from 'zustand'
import { persist } from 'zustand/middleware'

/** How a person likes comparisons shown, whatever is compared; which side is which, and the mode, are in the address. */
type Choice = {
  wrap: boolean
  /** White space and re-wrapping are no change. */
  quiet: boolean
  /** Unchanged lines are folded away. */
  fold: boolean
  /** What both sides did is shown above the text. */
  evidence: boolean
}
type Store = Choice & { set: (change: Partial<Choice>) => void }

export const useCompareOptions = create<Store>()(
  persist(set => ({ wrap: true, quiet: false, fold: true, evidence: true, set: change => set(change) }), {
    name: 'whetstone.compare',
  }),
)
