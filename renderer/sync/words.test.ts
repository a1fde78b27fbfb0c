import { describe, expect, test } from 'vitest'
import type { News, ShownTeam } from '../../shared/contract/sync.ts'
import { sayBriefly, sayProgress } from '../ui/sync-words.ts'
import { whyReadOnly } from '../ui/team.ts'
import { sayNews } from './say-news.ts'
import { sayTeam } from './say-team.ts'

const at = (hours: number, minutes: number) => new Date(2026, 9, 12, hours, minutes).getTime()
const now = at(15, 0)
const team = (over: Partial<ShownTeam>): ShownTeam => ({
  ...{ tenantId: 't', name: 'Team', host: 'h', user: { id: 'u', name: 'Ada' }, role: 'author', state: 'synced' },
  ...{ problem: null, progress: null, waiting: 0, needsYou: 0, syncedAt: at(14, 2), offlineSince: null, retryAt: null },
  ...{ content: 'all', contentElsewhere: 0, notify: true, unsent: 0, edited: 0, findings: [] },
  ...over,
})
const problem = { code: 'expired', happened: 'The key has expired.', kept: '', todo: '' } as const

describe('a team in one line', () => {
  test.each<[string, Partial<ShownTeam>]>([
    ['synced 14:02', {}],
    ['synced 12 Oct', { syncedAt: at(14, 2) - 0 }],
    ['3 waiting', { waiting: 3 }],
    ['1 needs you · synced 14:02', { needsYou: 1 }],
    [
      '2 need you · offline since 13:05 · 1 waiting',
      { needsYou: 2, state: 'offline', offlineSince: at(13, 5), waiting: 1 },
    ],
    ['paused', { state: 'paused' }],
    ['not started', { state: 'paused', syncedAt: null }],
    ['receiving 1,200 of 10,000', { state: 'syncing', progress: { phase: 'receiving', done: 1200, total: 10_000 } }],
    ['stopped: key expired', { state: 'attention', problem }],
    ['read only, synced 14:02', { state: 'readOnly' }],
    ['read only: newer registry', { state: 'readOnly', problem: { ...problem, code: 'newer' } }],
    ['not connected', { state: 'left' }],
    ['4 waiting', { state: 'waiting', waiting: 4 }],
    ['no room there · 4 waiting', { state: 'waiting', waiting: 4, problem: { ...problem, code: 'quota' } }],
    ['4 waiting', { state: 'waiting', waiting: 4, problem: { ...problem, code: 'offline' } }],
  ])('%s', (words, over) => {
    const later = words === 'synced 12 Oct' ? now + 3 * 24 * 60 * 60 * 1000 : now
    expect(sayBriefly(team(over), later)).toBe(words)
  })

  test('progress says what is done', () => {
    expect(sayProgress({ phase: 'content', done: 1, total: null })).toBe('bringing 1 file')
    expect(sayProgress({ phase: 'content', done: 12, total: 40 })).toBe('bringing 12 of 40 files')
    expect(sayProgress({ phase: 'sending', done: 1, total: 2 })).toBe('sending 1 of 2')
    expect(sayProgress({ phase: 'connecting', done: 0, total: null })).toBe('connecting…')
  })
})

test.each<[string, Partial<ShownTeam>]>([
  ['Everything is synced; last at 14:02.', {}],
  ['All but what needs you is synced; last at 14:02.', { needsYou: 1 }],
  ['Connected. 1 change waits to be sent.', { waiting: 1 }],
  [
    'Offline since 13:05. What you do is kept here and sent later. 2 changes wait to be sent.',
    {
      ...{ state: 'offline', offlineSince: at(13, 5), waiting: 2 },
    },
  ],
  ['1 change waits to be sent. The next try is at 15:04.', { state: 'waiting', waiting: 1, retryAt: at(15, 4) }],
  ['It goes on by itself. The next try is at 15:04.', { state: 'waiting', retryAt: at(15, 4) }],
  ['Not started: nothing has been brought yet.', { state: 'paused', syncedAt: null }],
  ['Paused. 2 changes wait to be sent.', { state: 'paused', waiting: 2 }],
  ['Stopped.', { state: 'attention', problem }],
  [
    'Receiving 1 of 2. You can go on working.',
    { state: 'syncing', progress: { phase: 'receiving', done: 1, total: 2 } },
  ],
  ['Connecting…', { state: 'syncing', progress: { phase: 'connecting', done: 0, total: null } }],
])('its page says: %s', (words, over) => {
  expect(sayTeam(team(over), now)).toBe(words)
})

test('why nothing can be saved', () => {
  expect(whyReadOnly(undefined)).toBeUndefined()
  expect(whyReadOnly(team({}))).toBeUndefined()
  expect(whyReadOnly(team({ role: 'reader' }))).toMatch(/^You are a reader in Team/)
  expect(whyReadOnly(team({ state: 'readOnly', problem }))).toBe('The key has expired.')
})

test('what arrived, summed up', () => {
  const news = (over: Partial<News>): News => ({
    ...{ tenantId: 't', team: 'Team', versions: [], feedback: [], ratings: [], conflicts: 0 },
    ...over,
  })
  const version = (skillId: string, by: string, versions = 1) => ({ skillId, skillName: skillId, by, versions })
  expect(sayNews(news({}))).toBe('')
  expect(sayNews(news({ versions: [version('pdf', 'Grace')] }))).toBe('Grace saved a version of pdf.')
  expect(
    sayNews(
      news({
        versions: [version('pdf', 'Grace', 2), version('pdf', 'Ada'), version('csv', 'Ada'), version('sql', 'Ada')],
        feedback: [{ skillId: 'pdf', skillName: 'pdf', items: 2 }],
        ratings: [
          { skillId: 'pdf', skillName: 'pdf', items: 2 },
          { skillId: 'csv', skillName: 'csv', items: 1 },
        ],
        conflicts: 1,
      }),
    ),
  ).toBe(
    'Grace saved 2 versions of pdf; 2 other skills changed too. 2 new feedback items on pdf. 3 new ratings of 2 skills. 1 thing needs you.',
  )
})
