import { create } from 'zustand'
import { persist } from 'zustand/middleware'

/** Whether the picture is unfolded, and how it is shown; the same for every skill. */
type PictureOptions = { open: boolean; table: boolean; set: (options: { open?: boolean; table?: boolean }) => void }

export const usePictureOptions = create<PictureOptions>()(
  persist(set => ({ open: true, table: false, set: options => set(options) }), { name: 'whetstone.history-picture' }),
)
