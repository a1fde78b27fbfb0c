import type { ShownTeam, SyncProblem, SyncProgress } from '../../shared/contract/sync.ts'
import { count, formatNumber } from './format.ts'

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'short' })

/** '14:02' today, '12 Oct' before. Milliseconds. */
export const atTime = (at: number, now: number): string =>
  new Date(at).toDateString() === new Date(now).toDateString() ? clock.format(at) : day.format(at)

/** A team in one quiet line: 'synced 14:02', '3 waiting', 'offline since 14:02', '1 needs you'. */
export function sayBriefly(team: ShownTeam, now: number): string {
  const needs = team.needsYou > 0 && `${formatNumber(team.needsYou)} ${team.needsYou === 1 ? 'needs' : 'need'} you`
  const waiting = team.waiting > 0 && `${formatNumber(team.waiting)} waiting`
  return [needs, sayState(team, now), waiting].filter(Boolean).join(' · ')
}

function sayState(team: ShownTeam, now: number): string | false {
  switch (team.state) {
    case 'synced':
      return team.waiting === 0 && `synced${team.syncedAt === null ? '' : ` ${atTime(team.syncedAt, now)}`}`
    case 'syncing':
      return team.progress ? sayProgress(team.progress) : team.waiting === 0 && 'syncing…'
    case 'waiting':
      // Why it waits, where that is not the network's passing mood.
      if (team.problem !== null && team.problem.code !== 'offline') return REASONS[team.problem.code]
      return team.waiting === 0 && 'waiting'
    case 'offline':
      return team.offlineSince === null ? 'offline' : `offline since ${atTime(team.offlineSince, now)}`
    case 'paused':
      return team.syncedAt === null ? 'not started' : 'paused'
    case 'attention':
      return team.problem === null ? 'stopped' : `stopped: ${REASONS[team.problem.code]}`
    case 'readOnly':
      if (team.problem?.code === 'newer') return `read only: ${REASONS.newer}`
      return team.syncedAt === null ? 'read only' : `read only, synced ${atTime(team.syncedAt, now)}`
    case 'left':
      return 'not connected'
    default:
      return team.state satisfies never
  }
}

const REASONS: Record<SyncProblem['code'], string> = {
  offline: 'offline',
  denied: 'not let in',
  removed: 'no member any more',
  expired: 'key expired',
  quota: 'no room there',
  clock: 'wrong clock',
  tls: 'unsafe connection',
  newer: 'newer registry',
  older: 'older registry',
  storage: 'storage not there',
  locked: 'keychain locked',
  unexpected: 'a fault',
}

/** 'receiving 1,200 of 10,000' */
export function sayProgress({ phase, done, total }: SyncProgress): string {
  const of = total === null ? formatNumber(done) : `${formatNumber(done)} of ${formatNumber(total)}`
  switch (phase) {
    case 'connecting':
      return 'connecting…'
    case 'sending':
      return `sending ${of}`
    case 'receiving':
      return `receiving ${of}`
    case 'content':
      return `bringing ${total === null ? count(done, 'file') : `${of} files`}`
    case 'comparing':
      return `comparing ${of}`
    default:
      return phase satisfies never
  }
}
