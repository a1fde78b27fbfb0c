import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useLocation } from 'wouter'
import type { News } from '../../shared/contract/sync.ts'
import { api, query } from '../api.ts'
import { address } from '../routes.ts'
import { tell } from '../ui/tell.ts'
import { sayNews } from './say-news.ts'

/** At most this often something is told; what comes in between is summed up. */
const PAUSE_MS = 60_000

/**
 * Tells what others sent, quietly and seldom. The backend remembers what was told, so that no window tells it twice.
 * @param opened skills that were looked at here.
 */
export function useNews(opened: readonly string[]): void {
  const [, navigate] = useLocation()
  const status = useQuery(query.sync.status.queryOptions())
  const asked = useRef(0)
  const latest = useRef(opened)
  latest.current = opened
  const teams = status.data?.length ?? 0
  // biome-ignore lint/correctness/useExhaustiveDependencies: each new status may bring news
  useEffect(() => {
    if (teams === 0) return
    const ask = async () => {
      asked.current = Date.now()
      try {
        for (const each of await api.sync.news({ opened: [...latest.current] })) tellOf(each, navigate)
      } catch {
        // News can wait for the next time.
      }
    }
    const timer = setTimeout(() => void ask(), Math.max(0, asked.current + PAUSE_MS - Date.now()))
    return () => clearTimeout(timer)
  }, [teams, status.dataUpdatedAt])
}

function tellOf(news: News, navigate: (to: string) => void): void {
  const message = sayNews(news)
  if (message === '') return
  const [skill] = news.versions
  const to =
    news.conflicts > 0
      ? address.sync(news.tenantId)
      : skill
        ? address.skill(skill.skillId, 'history')
        : address.feedback(news.tenantId)
  tell({ title: news.team, message, action: { label: 'Show', run: () => navigate(to) } })
}
