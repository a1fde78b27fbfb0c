import type { ShownTeam } from '../../shared/contract/sync.ts'

export type KeptContent = ShownTeam['content']

/** Which content is on this computer, in plain words. */
export const CONTENT_CHOICES: readonly { value: KeptContent; label: string; description: string }[] = [
  {
    value: 'all',
    label: 'The files of every version',
    description: 'Takes more room; the whole history can be opened and compared on a train.',
  },
  {
    value: 'newest',
    label: 'The files of the newest and the published versions only',
    description: 'Takes less room; what is older is brought when you open it, which needs the network.',
  },
]

export const readContent = (value: string): KeptContent | undefined =>
  CONTENT_CHOICES.find(choice => choice.value === value)?.value
