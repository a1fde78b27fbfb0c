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

/** More is not shown in full by a dialog or a terminal, and what is not seen cannot be agreed to. */
export const MAX_PROGRAM_TEXT = 4_000

const allowed = z.object({ state: z.literal('allowed') })
/** `words`: for a person, with what to do. */
const refused = z.object({ state: z.literal('refused'), words: z.string() })
const byCode = z.object({ state: z.literal('code'), digits: z.int(), triesLeft: z.int() })
export const programAsked = z.discriminatedUnion('state', [allowed, refused, byCode])
export type ProgramAsked = z.infer<typeof programAsked>

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
  /**
   * Asks a person outside the page whether exactly this text (of an agent's command) may be run, and has the backend
   * keep the answer: the page alone can never give it. Electron shows a dialog of the system; the browser host prints a
   * code in its terminal, which the person types into the page (`allowByCode`).
   */
  askToAllow: oc.input(z.object({ text: z.string().min(1).max(100_000) })).output(programAsked),
  allowByCode: oc.input(z.object({ code: z.string().max(40) })).output(programAsked),
  /** Ends this browser's session, in every tab. Nothing in Electron. */
  signOut: oc.output(z.object({})),
  /** An address that lets one more tab in, once, within minutes. Undefined in Electron. */
  addressForTab: oc.output(z.object({ address: z.string().optional() })),
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
