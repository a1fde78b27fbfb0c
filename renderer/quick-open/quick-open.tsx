import { Modal } from '@mantine/core'
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
  return (
    <Modal
      opened={opened}
      onClose={() => set(false)}
      withCloseButton={false}
      size={620}
      yOffset={80}
      padding={0}
      transitionProps={{ duration: 0 }}
      aria-label="Search, or jump to"
      classNames={{ content: classes.content, body: classes.body }}
    >
      <Content given={given} close={() => set(false)} />
    </Modal>
  )
}

function Content({ given, close }: { given: GivenActions; close: () => void }) {
  const { recents, actions } = useActions(given)
  return <QuickOpenList recents={recents} actions={actions} close={close} />
}
