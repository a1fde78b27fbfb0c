import { create } from 'zustand'

export type Dialog = 'import' | 'new-skill'

/** Which of the app's own dialogs is open. The frame shows it; any feature may ask for it. */
type Dialogs = {
  open: Dialog | undefined
  show: (dialog: Dialog) => void
  close: () => void
}

export const useDialogs = create<Dialogs>(set => ({
  open: undefined,
  show: dialog => set({ open: dialog }),
  close: () => set({ open: undefined }),
}))

export const showDialog = (dialog: Dialog): void => useDialogs.getState().show(dialog)
