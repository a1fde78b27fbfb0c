import { useMediaQuery } from '@mantine/hooks'
import { useShortcut } from '../ui/shortcut.ts'
import { useFrame } from './frame-store.ts'

/** Narrower than this, the sidebar is a rail of icons unless somebody opened it. */
const NARROW = '(max-width: 1099px)'

export type SidebarWidth = { rail: boolean; toggle: () => void }

/** Whether the sidebar is a rail, by choice or for want of room. */
export function useSidebar(): SidebarWidth {
  const narrow = useMediaQuery(NARROW, undefined, { getInitialValueInEffect: false }) ?? false
  const chosen = useFrame(state => state.sidebar)
  const setSidebar = useFrame(state => state.setSidebar)
  const rail = chosen === undefined ? narrow : chosen === 'rail'
  const toggle = () => setSidebar(rail ? 'open' : 'rail')
  useShortcut('mod+B', toggle, { inText: true })
  return { rail, toggle }
}
