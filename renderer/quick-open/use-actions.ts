import { useComputedColorScheme } from '@mantine/core'
import { useLocation } from 'wouter'
import { address } from '../routes.ts'
import { useSpaces } from '../ui/current-space.ts'
import { showDialog } from '../ui/dialogs.ts'

/** Something to jump to or to do. */
export type Action = {
  id: string
  label: string
  /** Quiet, at the right end. */
  detail?: string
  /** One line below the label; may carry the marks of a search. */
  snippet?: string
  shortcut?: string
  /** Other words it is found by. */
  keywords?: string
  run: () => void
}

/** What other features know how to do, handed in by the app. */
export type GivenActions = {
  openSample: () => void
  setScheme: (scheme: 'light' | 'dark') => void
  recents: readonly { skillId: string; name: string }[]
}

const SHOWN_RECENTS = 5

export function useActions({ openSample, setScheme, recents }: GivenActions): { recents: Action[]; actions: Action[] } {
  const [, navigate] = useLocation()
  const { spaces, current } = useSpaces()
  const other = useComputedColorScheme() === 'dark' ? 'light' : 'dark'
  const go = (id: string, label: string, keywords: string, to: string, shortcut?: string): Action => ({
    id,
    label,
    keywords: `go ${keywords}`,
    ...(shortcut !== undefined && { shortcut }),
    run: () => navigate(to),
  })
  const places = current
    ? [
        go('library', 'Library', 'list skills', address.library(current.tenantId)),
        go('inbox', 'Inbox', 'feedback', address.feedback(current.tenantId)),
        ...(current.kind === 'team'
          ? [go('sync', 'Sync', 'team status queue offline conflicts pause leave', address.sync(current.tenantId))]
          : []),
      ]
    : []
  const switches = spaces
    .filter(space => space.tenantId !== current?.tenantId)
    .map(space => go(space.tenantId, `Switch to ${space.name}`, 'space', address.library(space.tenantId)))
  const sample = spaces.some(space => space.kind === 'sample')
    ? []
    : [{ id: 'sample', label: 'Open the sample library', keywords: 'example demo', run: openSample }]
  return {
    recents: recents.slice(0, SHOWN_RECENTS).map(({ skillId, name }) => go(skillId, name, '', address.skill(skillId))),
    actions: [
      { id: 'new', label: 'New skill…', keywords: 'create add write', run: () => showDialog('new-skill') },
      {
        id: 'import',
        label: 'Import…',
        keywords: 'folder git repository zip archive',
        run: () => showDialog('import'),
      },
      ...places,
      go('compare', 'Compare', 'diff versions', address.compare()),
      ...switches,
      go('join', 'Join a team…', 'invite registry share', address.join()),
      ...sample,
      { id: 'scheme', label: `Use ${other} colours`, keywords: 'theme scheme mode', run: () => setScheme(other) },
      go(
        'registries',
        'Team registries',
        'demo provision postgres r2 bucket invite members admin',
        address.registries(),
      ),
      go('providers', 'Model providers', 'keys prices anthropic openai google ollama agents', address.providers()),
      go('settings', 'Settings', 'preferences options', address.settings(), 'mod+,'),
    ],
  }
}

/** Actions whose name or keywords hold every word. */
export const matching = (actions: readonly Action[], words: string): Action[] =>
  actions.filter(({ label, keywords = '' }) => {
    const text = `${label} ${keywords}`.toLowerCase()
    return words.split(/\s+/).every(word => text.includes(word))
  })
