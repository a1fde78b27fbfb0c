import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import { useLocation } from 'wouter'
import type { News } from '../../shared/contract/sync.ts'
import { api, query } from '../api.ts'
import { address } from '../routes.ts'
import { count } from '../ui/format.ts'
import { tell } from '../ui/tell.ts'

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

/** 'Grace saved 2 versions of pdf-forms, and 3 others changed. 1 new rating. 1 thing needs you.' */
export function sayNews({ versions, feedback, ratings, conflicts }: News): string {
  const [first, ...others] = versions
  const sum = (items: readonly { items: number }[]) => items.reduce((total, each) => total + each.items, 0)
  const skills = new Set(others.map(each => each.skillId).filter(id => id !== first?.skillId)).size
  const parts = [
    first &&
      `${first.by} saved ${first.versions === 1 ? 'a version' : count(first.versions, 'version')} of ${first.skillName}${skills > 0 ? `; ${count(skills, 'other skill')} changed too` : ''}.`,
    feedback.length > 0 && `${count(sum(feedback), 'new feedback item')} on ${nameThem(feedback)}.`,
    ratings.length > 0 && `${count(sum(ratings), 'new rating')} of ${nameThem(ratings)}.`,
    conflicts > 0 && `${count(conflicts, 'thing needs', 'things need')} you.`,
  ]
  return parts.filter(Boolean).join(' ')
}

const nameThem = (skills: readonly { skillName: string }[]): string =>
  skills.length === 1 ? (skills[0]?.skillName ?? '') : count(skills.length, 'skill')
