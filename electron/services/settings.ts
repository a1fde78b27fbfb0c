import { DEFAULT_SETTINGS, type Settings, settingsShape } from '../../shared/contract/settings.ts'
import { MEGABYTE, trimReplies } from '../library/model-replies.ts'
import { readSettings, writeSetting } from '../library/settings.ts'
import { renameAuthor } from '../library/spaces.ts'
import { announce, type Context, os } from './context.ts'

/** Preferences of this computer, one row each. */
export const settingsService = (context: Context) => ({
  get: os.settings.get.handler(() => readShaped(context)),

  set: os.settings.set.handler(({ input }) => {
    context.library.write(() => {
      for (const [key, value] of Object.entries(input))
        if (value !== undefined) writeSetting(context.library, key, value)
      const { authorName, authorEmail, answersMegabytes } = readShaped(context)
      if (input.answersMegabytes !== undefined) trimReplies(context.library, answersMegabytes * MEGABYTE)
      if (input.authorName !== undefined || input.authorEmail !== undefined)
        renameAuthor(context.library, authorName.trim() || 'You', authorEmail.trim() || null)
    })
    // Which skills are invalid depends on the profile.
    announce(context, input.profile === undefined ? ['settings', 'versions'] : ['settings', 'versions', 'skills'])
    return readShaped(context)
  }),
})

/** A value that no longer fits (an older or newer app wrote it) falls back to its default; the others stay. */
export function readShaped(context: Context): Settings {
  const stored = readSettings(context.library)
  const fits = Object.entries(stored).filter(
    ([key, value]) => settingsShape.partial().safeParse({ [key]: value }).success,
  )
  return settingsShape.parse({ ...DEFAULT_SETTINGS, ...Object.fromEntries(fits) })
}
