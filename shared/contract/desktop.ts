import { eventIterator, oc } from '@orpc/contract'
import { z } from 'zod'

export const menuCommand = z.enum([
  'new-skill',
  'import',
  'quick-open',
  'settings',
  'save-version',
  'back',
  'forward',
  'find',
])
export type MenuCommand = z.infer<typeof menuCommand>

/**
 * What only the desktop can do. Served by Electron's main process, and by the browser host as far as a browser's
 * neighbour can: `about` says which.
 */
export const desktop = {
  about: oc.output(
    z.object({
      host: z.enum(['electron', 'browser']),
      dialogs: z.boolean(),
      reveal: z.boolean(),
      platform: z.string(),
    }),
  ),
  /** Undefined when the dialog was cancelled. */
  chooseFolder: oc.input(z.object({ title: z.string() })).output(z.object({ path: z.string().optional() })),
  chooseArchive: oc.input(z.object({ title: z.string() })).output(z.object({ path: z.string().optional() })),
  /** Shows a path in the system's file manager. */
  reveal: oc.input(z.object({ path: z.string() })).output(z.object({ shown: z.boolean() })),
  /** Opens an https address in the system's browser; anything else is refused. */
  openExternal: oc.input(z.object({ url: z.string() })).output(z.object({ opened: z.boolean() })),
  /** Puts text on the clipboard. A browser does that by itself: `copied` is false there. */
  copyText: oc.input(z.object({ text: z.string().max(10_000_000) })).output(z.object({ copied: z.boolean() })),
  setColorScheme: oc.input(z.object({ scheme: z.enum(['auto', 'light', 'dark']) })).output(z.object({})),
  /** Menu items a person chose, as they happen. A browser has no such menu: the stream stays silent. */
  commands: oc.output(eventIterator(z.object({ command: menuCommand }))),
  /** How the backend is doing, for a line in the window: it is restarted when it dies. */
  backend: oc.output(
    eventIterator(
      z.object({ state: z.enum(['starting', 'ready', 'restarting', 'failed']), reason: z.string().optional() }),
    ),
  ),
  /** Tries again after `failed`. */
  retryBackend: oc.output(z.object({})),
}
