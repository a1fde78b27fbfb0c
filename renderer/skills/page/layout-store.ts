import { create } from 'zustand'
import { persist } from 'zustand/middleware'

export type SidePanel = 'checks' | 'preview' | 'tokens'

/** How a person likes the page: which panel is beside the text, and whether they came to read or to write. */
type Layout = {
  panel: SidePanel
  panelOpen: boolean
  filesOpen: boolean
  reading: boolean
  set: (change: Partial<Pick<Layout, 'panel' | 'panelOpen' | 'filesOpen' | 'reading'>>) => void
}

export const useLayout = create<Layout>()(
  persist(set => ({ panel: 'checks', panelOpen: true, filesOpen: true, reading: false, set: change => set(change) }), {
    name: 'whetstone.skill-page',
  }),
)
