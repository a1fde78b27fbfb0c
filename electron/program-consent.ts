import { MAX_PROGRAM_TEXT, type ProgramAsked } from '../shared/contract/desktop.ts'

/**
 * Consent to programs, given outside the page: what both hosts have in common. The text comes from the page, and is what
 * the person reads; the backend keeps consent to its hash, so that a page that shows one command and means another gets
 * consent to nothing that can run.
 */
export type KeepConsent = (text: string) => Promise<boolean>

export const refused = (words: string): ProgramAsked => ({ state: 'refused', words })

export const NOT_KEPT = refused('Your answer couldn’t be saved, so nothing was allowed. Try again.')

/** Why a text cannot be asked about at all: what is not seen as it is cannot be agreed to. */
export function cannotBeAsked(text: string): ProgramAsked | undefined {
  if (text.length > MAX_PROGRAM_TEXT) {
    return refused(
      `This command is too long to be shown in full (over ${MAX_PROGRAM_TEXT.toLocaleString('en')} characters). Put it into a script and run that.`,
    )
  }
  if (HIDDEN.test(text)) return refused('This command contains invisible or control characters. Remove them.')
  return undefined
}

/** Whatever a terminal or a dialog would not show, or would obey: control, bidirectional and zero-width characters. */
const HIDDEN = /[^\P{C}\n]|[\p{Default_Ignorable_Code_Point}\u2028\u2029]/u
