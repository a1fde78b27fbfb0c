import { EventPublisher, implement } from '@orpc/server'
import { desktop } from '../../shared/contract/desktop.ts'
import { followBackend } from '../follow-backend.ts'
import { externalAddress } from '../policy.ts'
import type { Supervisor } from '../supervisor.ts'
import type { AllowByCode } from './allow-by-code.ts'
import type { Session } from './session.ts'

/** What a page's connection brings along. */
export type PageContext = { session: Session }

/**
 * The `desktop` contract as far as a host without a desktop can keep it: no dialogs, no file manager, no menu. Links
 * are opened by the browser of this machine, where there is one.
 */
export function browserDesktop(options: {
  platform: NodeJS.Platform
  supervisor: Pick<Supervisor<never>, 'state' | 'subscribe' | 'retry'>
  /** Opens an address that was checked; says whether it could. */
  open: (address: string) => Promise<boolean>
  consent: AllowByCode
  signOut: (session: Session) => void
  addressForTab: (session: Session) => string
}) {
  const os = implement(desktop).$context<PageContext>()
  return os.router({
    about: os.about.handler(() => ({
      host: 'browser' as const,
      dialogs: false,
      reveal: false,
      platform: options.platform,
    })),
    chooseFolder: os.chooseFolder.handler(() => ({})),
    chooseArchive: os.chooseArchive.handler(() => ({})),
    reveal: os.reveal.handler(() => ({ shown: false })),
    openExternal: os.openExternal.handler(async ({ input }) => {
      const address = externalAddress(input.url)
      return { opened: address !== undefined && (await options.open(address)) }
    }),
    copyText: os.copyText.handler(() => ({ copied: false })),
    askToAllow: os.askToAllow.handler(({ input }) => options.consent.ask(input.text)),
    allowByCode: os.allowByCode.handler(({ input }) => options.consent.enter(input.code)),
    signOut: os.signOut.handler(({ context }) => {
      options.signOut(context.session)
      return {}
    }),
    addressForTab: os.addressForTab.handler(({ context }) => ({ address: options.addressForTab(context.session) })),
    setColorScheme: os.setColorScheme.handler(() => ({})),
    commands: os.commands.handler(({ signal }) =>
      new EventPublisher<Record<'command', never>>().subscribe('command', { signal }),
    ),
    backend: os.backend.handler(({ signal }) => followBackend(options.supervisor, signal)),
    retryBackend: os.retryBackend.handler(() => {
      options.supervisor.retry()
      return {}
    }),
  })
}
