import type { ReactNode } from 'react'
import { useLocation } from 'wouter'
import { address } from '../routes.ts'
import { showDialog } from '../ui/dialogs.ts'
import { ErrorBoundary } from '../ui/error-boundary.tsx'
import { useMenuCommand } from '../ui/menu-commands.ts'
import { useShortcut } from '../ui/shortcut.ts'
import { ConnectionBanner } from './connection-banner.tsx'
import classes from './frame.module.css'
import { usePlace, useVisits } from './place.ts'
import { Sidebar } from './sidebar.tsx'
import { useSidebar } from './sidebar-width.ts'
import { TopBar } from './top-bar.tsx'

type Props = {
  /** The switcher of spaces; a rail is one icon wide. */
  switcher: (rail: boolean) => ReactNode
  /** Work in the background, for the status line. */
  task?: ReactNode
  openJump: () => void
  children: ReactNode
}

/** The window: sidebar, top bar, and the place the address names. */
export function Frame({ switcher, task, openJump, children }: Props) {
  const [path, navigate] = useLocation()
  const place = usePlace()
  const sidebar = useSidebar()
  useVisits()
  useShortcut('alt+ArrowLeft', () => window.history.back())
  useShortcut('alt+ArrowRight', () => window.history.forward())
  useShortcut('mod+,', () => navigate(address.settings()), { inText: true })
  useMenuCommand('back', () => window.history.back())
  useMenuCommand('forward', () => window.history.forward())
  useMenuCommand('settings', () => navigate(address.settings()))
  useMenuCommand('import', () => showDialog('import'))
  useMenuCommand('new-skill', () => showDialog('new-skill'))
  useMenuCommand('quick-open', openJump)
  return (
    <div className={classes.frame}>
      <a className={classes.skip} href="#place">
        To the content
      </a>
      <Sidebar place={place} rail={sidebar.rail} switcher={switcher} task={task} />
      <div className={classes.main}>
        <TopBar place={place} sidebar={sidebar} openJump={openJump} />
        <ConnectionBanner />
        <main className={classes.place} id="place" tabIndex={-1}>
          <ErrorBoundary resetKey={path}>{children}</ErrorBoundary>
        </main>
      </div>
    </div>
  )
}
