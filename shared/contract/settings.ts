import { z } from 'zod'
import { contract } from './base.ts'

/** Preferences of this computer; never synced. */
export const settingsShape = z.object({
  colorScheme: z.enum(['auto', 'light', 'dark']).default('auto'),
  profile: z.enum(['strict', 'reference', 'claude-code']).default('strict'),
  authorName: z.string().max(200).default(''),
  authorEmail: z.string().max(320).default(''),
  /** How much of models' answers is kept at most, so that an unchanged cell is not paid twice. */
  answersMegabytes: z.int().min(1).max(100_000).default(512),
})
export type Settings = z.infer<typeof settingsShape>

export const settings = {
  get: contract.output(settingsShape),
  set: contract.input(settingsShape.partial()).output(settingsShape),
}
