import { useLayoutEffect, useRef } from 'react'
import { create } from 'zustand'
import { useShortcut } from '../ui/shortcut.ts'
import classes from './quick-open.module.css'
import { QuickOpenList } from './quick-open-list.tsx'
import { type GivenActions, useActions } from './use-actions.ts'

type Opened = { opened: boolean; set: (opened: boolean) => void; toggle: () => void }

const useOpened = create<Opened>(set => ({
  opened: false,
  set: opened => set({ opened }),
  toggle: () => set(({ opened }) => ({ opened: !opened })),
}))
export const openQuickOpen = (): void => useOpened.getState().set(true)

/** Jumps anywhere from the keyboard: skills by name or text, places, and what one can do. */
export function QuickOpen(given: GivenActions) {
  const { opened, set, toggle } = useOpened()
  useShortcut('mod+K', toggle, { inText: true })
  return opened ? <QuickOpenDialog given={given} close={() => set(false)} /> : null
}

/**
 * The browser's own dialog: it is there and has the focus before the next key comes, so that not a letter typed after
 * the shortcut is lost; it keeps the focus inside and gives it back.
 */
function QuickOpenDialog({ given, close }: { given: GivenActions; close: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null)
  const { recents, actions } = useActions(given)
  useLayoutEffect(() => {
    const element = dialog.current
    element?.showModal()
    return () => element?.close()
  }, [])
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: a press beside the dialog closes it, and so does Escape
    <dialog
      ref={dialog}
      className={classes.dialog}
      aria-label="Search, or jump to"
      onCancel={close}
      onClick={event => {
        if (event.target === event.currentTarget) close()
      }}
    >
      <QuickOpenList recents={recents} actions={actions} close={close} />
    </dialog>
  )
}
