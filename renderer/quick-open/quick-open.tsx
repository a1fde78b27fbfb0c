import { useMantineColorScheme } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { createSpotlight, Spotlight } from '@mantine/spotlight'
import { IconSearch } from '@tabler/icons-react'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { SkillRow } from '../../shared/contract/skills.ts'
import { query } from '../api.ts'
import { address } from '../routes.ts'
import { useSpaces } from '../ui/current-space.ts'
import { useDialogs } from '../ui/dialogs.ts'
import { compact } from '../ui/format.ts'
import { useShortcut } from '../ui/shortcut.ts'
import { type Action, ActionList, type Group } from './action-list.tsx'

const [store, quickOpen] = createSpotlight()
export const openQuickOpen = (): void => quickOpen.open()

const SHOWN_SKILLS = 8
const TYPING_MS = 60

/** What `openSample` and the sidebar's recents are is the app's to say; this feature only lists them. */
type Props = {
  openSample: () => void
  setScheme: (scheme: 'light' | 'dark') => void
  recents: readonly { skillId: string; name: string }[]
}

/** Jumps anywhere from the keyboard: skills by name or text, places, and what one can do. */
export function QuickOpen({ openSample, setScheme, recents }: Props) {
  const [text, setText] = useState('')
  useShortcut('mod+K', quickOpen.toggle, { inText: true })
  const words = text.trim().toLowerCase()
  const skills = useSkillHits(words)
  const actions = useActions(openSample, setScheme).filter(({ label, keywords }) =>
    words.split(/\s+/).every(word => `${label} ${keywords}`.toLowerCase().includes(word)),
  )
  const [, navigate] = useLocation()
  const recent: Action[] = recents
    .slice(0, 5)
    .map(({ skillId, name }) => ({ id: skillId, label: name, run: () => navigate(address.skill(skillId)) }))
  const groups: Group[] =
    words === ''
      ? [
          { name: 'Recent', actions: recent },
          { name: 'Actions', actions },
        ]
      : [
          { name: 'Skills', actions: skills },
          { name: 'Actions', actions },
        ]
  return (
    <Spotlight.Root
      store={store}
      shortcut={null}
      query={text}
      onQueryChange={setText}
      scrollable
      maxHeight={440}
      transitionProps={{ duration: 0 }}
      aria-label="Search, or jump to"
    >
      <Spotlight.Search
        aria-label="Search, or jump to"
        placeholder="Search skills, or type what to do…"
        leftSection={<IconSearch size={16} stroke={1.5} aria-hidden />}
        spellCheck={false}
      />
      <ActionList groups={groups} />
    </Spotlight.Root>
  )
}

function useSkillHits(words: string): Action[] {
  const [, navigate] = useLocation()
  const { current } = useSpaces()
  const [asked] = useDebouncedValue(words, TYPING_MS)
  const hits = useQuery({
    ...query.skills.list.queryOptions({
      input: { tenantId: current?.tenantId ?? '', query: asked.slice(0, 500), limit: SHOWN_SKILLS },
    }),
    enabled: current !== undefined && asked !== '',
    placeholderData: keepPreviousData,
  })
  return (hits.data?.rows ?? []).map(row => ({
    id: row.id,
    label: row.name,
    detail: detailOf(row),
    snippet: row.snippet ?? row.description,
    run: () => navigate(address.skill(row.id)),
  }))
}

const detailOf = ({ newest, tokens }: SkillRow): string =>
  [newest?.number != null && `v${newest.number}`, tokens && `${compact(tokens.onTrigger)} tokens`]
    .filter(Boolean)
    .join(' · ')

type Doing = Action & { keywords: string }

function useActions(openSample: () => void, setScheme: Props['setScheme']): Doing[] {
  const [, navigate] = useLocation()
  const { spaces, current } = useSpaces()
  const show = useDialogs(state => state.show)
  const { colorScheme } = useMantineColorScheme()
  const dark = colorScheme === 'dark' || (colorScheme === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches)
  const others = spaces.filter(space => space.tenantId !== current?.tenantId)
  return [
    { id: 'new', label: 'New skill…', keywords: 'create add write', run: () => show('new-skill') },
    { id: 'import', label: 'Import…', keywords: 'folder git repository zip archive open', run: () => show('import') },
    ...(current
      ? [
          {
            id: 'library',
            label: 'Library',
            keywords: 'go list skills',
            run: () => navigate(address.library(current.tenantId)),
          },
          {
            id: 'inbox',
            label: 'Inbox',
            keywords: 'go feedback',
            run: () => navigate(address.feedback(current.tenantId)),
          },
        ]
      : []),
    { id: 'compare', label: 'Compare', keywords: 'go diff versions', run: () => navigate(address.compare()) },
    ...others.map(space => ({
      id: space.tenantId,
      label: `Switch to ${space.name}`,
      keywords: 'space library',
      run: () => navigate(address.library(space.tenantId)),
    })),
    ...(spaces.some(space => space.kind === 'sample')
      ? []
      : [{ id: 'sample', label: 'Open the sample library', keywords: 'example demo', run: openSample }]),
    {
      id: 'scheme',
      label: dark ? 'Light colours' : 'Dark colours',
      keywords: 'theme scheme mode',
      run: () => setScheme(dark ? 'light' : 'dark'),
    },
    {
      id: 'settings',
      label: 'Settings',
      keywords: 'preferences options',
      shortcut: 'mod+,',
      run: () => navigate(address.settings()),
    },
  ]
}
