import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useLocation } from 'wouter'
import type { SkillRow } from '../../shared/contract/skills.ts'
import { query } from '../api.ts'
import { address } from '../routes.ts'
import { useSpaces } from '../ui/current-space.ts'
import { compact } from '../ui/format.ts'
import type { Action } from './use-actions.ts'

const SHOWN = 8
const TYPING_MS = 50

/** Skills that hold the words, best first. `settled`: the hits are those of these words, and no others are on the way. */
export function useSkillHits(words: string): { hits: Action[]; settled: boolean } {
  const [, navigate] = useLocation()
  const { current } = useSpaces()
  const [asked] = useDebouncedValue(words, TYPING_MS)
  const found = useQuery({
    ...query.skills.list.queryOptions({
      input: { tenantId: current?.tenantId ?? '', query: asked.slice(0, 500), limit: SHOWN },
    }),
    enabled: current !== undefined && asked !== '',
    placeholderData: keepPreviousData,
  })
  const hits = (words === '' ? [] : (found.data?.rows ?? [])).map(row => ({
    id: row.id,
    label: row.name,
    detail: detailOf(row),
    snippet: row.snippet ?? row.description,
    run: () => navigate(address.skill(row.id)),
  }))
  return { hits, settled: words === '' || (asked === words && !found.isPlaceholderData && !found.isPending) }
}

const detailOf = ({ newest, tokens }: SkillRow): string =>
  [
    newest !== null && newest.number !== null && `v${newest.number}`,
    tokens !== null && `${compact(tokens.onTrigger)} tokens`,
  ]
    .filter(Boolean)
    .join(' · ')
