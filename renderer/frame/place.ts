import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import { useLocation, useRoute } from 'wouter'
import { isExpected, query } from '../api.ts'
import { PATTERNS } from '../routes.ts'
import { useEnteredSpace } from '../ui/current-space.ts'
import { useFrame } from './frame-store.ts'

export type PlaceName =
  | 'library'
  | 'feedback'
  | 'skill'
  | 'compare'
  | 'merge'
  | 'settings'
  | 'providers'
  | 'sync'
  | 'join'
  | 'registries'
  | undefined
export type Place = { name: PlaceName; skill?: { id: string; name: string | undefined } }

/** Where the address leads, by name. A skill's own name comes from the same query its page reads. */
export function usePlace(): Place {
  const [path] = useLocation()
  const [isSkill, skillParams] = useRoute(PATTERNS.skill)
  const skillId = isSkill ? skillParams.id : undefined
  const skill = useQuery({
    ...query.skills.get.queryOptions({ input: { id: skillId ?? '' } }),
    enabled: skillId !== undefined,
  })
  if (skillId !== undefined) return { name: 'skill', skill: { id: skillId, name: skill.data?.name } }
  if (path === PATTERNS.compare) return { name: 'compare' }
  if (path === PATTERNS.merge) return { name: 'merge' }
  if (path === PATTERNS.settings) return { name: 'settings' }
  if (path === PATTERNS.providers) return { name: 'providers' }
  if (path === PATTERNS.join) return { name: 'join' }
  if (path === PATTERNS.registries) return { name: 'registries' }
  if (path.startsWith('/s/'))
    return { name: path.endsWith('/inbox') ? 'feedback' : path.endsWith('/sync') ? 'sync' : 'library' }
  return { name: undefined }
}

/** Remembers the space that is entered and the skills that are visited. */
export function useVisits(): void {
  const [inLibrary, library] = useRoute('/s/:tenantId/*?')
  const [isSkill, skillParams] = useRoute(PATTERNS.skill)
  const skillId = isSkill ? skillParams.id : undefined
  const { data: skill, error } = useQuery({
    ...query.skills.get.queryOptions({ input: { id: skillId ?? '' } }),
    enabled: skillId !== undefined,
  })
  const enter = useEnteredSpace(state => state.enter)
  const { visited, forget } = useFrame.getState()
  const tenantId = inLibrary ? library.tenantId : skill?.tenantId
  useEffect(() => {
    if (tenantId !== undefined) enter(tenantId)
  }, [tenantId, enter])
  useEffect(() => {
    if (skill) visited({ skillId: skill.id, tenantId: skill.tenantId, name: skill.name })
  }, [skill, visited])
  useEffect(() => {
    if (skillId !== undefined && isExpected(error) && error.code === 'NOT_FOUND') forget(skillId)
  }, [skillId, error, forget])
}
