import { z } from 'zod'
import { contract } from './base.ts'

/**
 * Preferences of this computer; never synced. No default is in the schema: zod's `partial()` keeps defaults, so that a change
 * of one setting would come with the defaults of all the others.
 */
export const settingsShape = z.object({
  colorScheme: z.enum(['auto', 'light', 'dark']),
  profile: z.enum(['strict', 'reference', 'claude-code']),
  authorName: z.string().max(200),
  authorEmail: z.string().max(320),
  /** How much of models' answers is kept at most, so that an unchanged cell is not paid twice. */
  answersMegabytes: z.int().min(1).max(100_000),
})
export type Settings = z.infer<typeof settingsShape>

/** What holds until a setting is chosen. */
export const DEFAULT_SETTINGS: Settings = {
  colorScheme: 'auto',
  profile: 'strict',
  authorName: '',
  authorEmail: '',
  answersMegabytes: 512,
}

export const settings = {
  get: contract.output(settingsShape),
  /** Settings that are left out stay as they are. */
  set: contract.input(settingsShape.partial()).output(settingsShape),
}
