import { type EventPublisher, implement } from '@orpc/server'
import { BrowserWindow, clipboard, dialog, nativeTheme, type OpenDialogOptions, shell } from 'electron'
import { desktop, type MenuCommand, type ProgramAsked } from '../shared/contract/desktop.ts'
import { followBackend } from './follow-backend.ts'
import { externalAddress, isLocalPath } from './policy.ts'
import { cannotBeAsked, type KeepConsent, NOT_KEPT, refused } from './program-consent.ts'
import type { Supervisor } from './supervisor.ts'

export type DesktopOptions = {
  supervisor: Pick<Supervisor<never>, 'state' | 'subscribe' | 'retry'>
  commands: EventPublisher<{ command: { command: MenuCommand } }>
  keepColorScheme: (scheme: 'auto' | 'light' | 'dark') => void
  keepConsent: KeepConsent
}

/** The `desktop` contract as Electron's main process keeps it. */
export function desktopRouter({ supervisor, commands, keepColorScheme, keepConsent }: DesktopOptions) {
  const os = implement(desktop)
  const choose = async (options: OpenDialogOptions) => {
    const parent = BrowserWindow.getFocusedWindow()
    const { canceled, filePaths } = await (parent
      ? dialog.showOpenDialog(parent, options)
      : dialog.showOpenDialog(options))
    return { path: canceled ? undefined : filePaths[0] }
  }
  return os.router({
    about: os.about.handler(() => ({
      host: 'electron' as const,
      dialogs: true,
      reveal: true,
      platform: process.platform,
    })),
    chooseFolder: os.chooseFolder.handler(({ input }) =>
      choose({ title: input.title, message: input.title, properties: ['openDirectory', 'createDirectory'] }),
    ),
    chooseArchive: os.chooseArchive.handler(({ input }) =>
      choose({
        title: input.title,
        message: input.title,
        properties: ['openFile'],
        filters: [{ name: 'Skills', extensions: ['skill', 'zip'] }],
      }),
    ),
    reveal: os.reveal.handler(({ input }) => {
      const shown = isLocalPath(input.path, process.platform)
      if (shown) shell.showItemInFolder(input.path)
      return { shown }
    }),
    openExternal: os.openExternal.handler(async ({ input }) => {
      const address = externalAddress(input.url)
      if (address === undefined) return { opened: false }
      return shell.openExternal(address).then(
        () => ({ opened: true }),
        () => ({ opened: false }),
      )
    }),
    copyText: os.copyText.handler(({ input }) => {
      clipboard.writeText(input.text)
      return { copied: true }
    }),
    askToAllow: os.askToAllow.handler(({ input }) => askToAllow(input.text, keepConsent)),
    allowByCode: os.allowByCode.handler(() => refused('Programs are allowed in a dialog of their own here.')),
    signOut: os.signOut.handler(() => ({})),
    addressForTab: os.addressForTab.handler(() => ({})),
    setColorScheme: os.setColorScheme.handler(({ input }) => {
      nativeTheme.themeSource = input.scheme === 'auto' ? 'system' : input.scheme
      keepColorScheme(input.scheme)
      return {}
    }),
    commands: os.commands.handler(({ signal }) => commands.subscribe('command', { signal })),
    backend: os.backend.handler(({ signal }) => followBackend(supervisor, signal)),
    retryBackend: os.retryBackend.handler(() => {
      supervisor.retry()
      return {}
    }),
  })
}

/** One question at a time, so that a page cannot pile dialogs up. */
let asking = false

async function askToAllow(text: string, keep: KeepConsent): Promise<ProgramAsked> {
  const wrong = cannotBeAsked(text)
  if (wrong) return wrong
  if (asking) return refused('Another program is being asked about. Answer that first.')
  asking = true
  try {
    const question = {
      type: 'warning' as const,
      title: 'Allow this program?',
      message: 'Allow this program to run on your computer?',
      detail: text,
      buttons: ['Don’t allow', 'Allow'],
      defaultId: 0,
      cancelId: 0,
      noLink: true,
    }
    const parent = BrowserWindow.getAllWindows()[0]
    const { response } = await (parent ? dialog.showMessageBox(parent, question) : dialog.showMessageBox(question))
    if (response !== 1) return refused('You didn’t allow it. Nothing will run.')
    return (await keep(text)) ? { state: 'allowed' } : NOT_KEPT
  } finally {
    asking = false
  }
}
