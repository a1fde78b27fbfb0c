import type { ShownTeam } from '../../shared/contract/sync.ts'
import { count } from '../ui/format.ts'
import { atTime, sayProgress } from '../ui/sync-words.ts'

/** 'Everything is synced; last at 14:02.' */
export function sayTeam(team: ShownTeam, now: number): string {
  const waiting = team.waiting === 0 ? '' : ` ${count(team.waiting, 'change waits', 'changes wait')} to be sent.`
  const at = (moment: number | null) => (moment === null ? '' : atTime(moment, now))
  switch (team.state) {
    case 'synced':
      return team.waiting === 0
        ? `${team.needsYou > 0 ? 'All but what needs you' : 'Everything'} is synced${team.syncedAt === null ? '' : `; last at ${at(team.syncedAt)}`}.`
        : `Connected.${waiting}`
    case 'syncing':
      return `${capitalised(team.progress ? sayProgress(team.progress) : 'syncing…')}${team.progress?.phase === 'connecting' ? '' : ' You can go on working.'}`
    case 'waiting':
      return `${waiting.trim() || 'It goes on by itself.'}${team.retryAt === null ? '' : ` The next try is at ${at(team.retryAt)}.`}`
    case 'offline':
      return `Offline${team.offlineSince === null ? '' : ` since ${at(team.offlineSince)}`}. What you do is kept here and sent later.${waiting}`
    case 'paused':
      return team.syncedAt === null ? 'Not started: nothing has been brought yet.' : `Paused.${waiting}`
    case 'attention':
      return `Stopped.${waiting}`
    case 'readOnly':
      return `Receiving only: nothing is sent.${waiting}`
    case 'left':
      return 'You have left this team. The copy here stays as it was.'
    default:
      return team.state satisfies never
  }
}

const capitalised = (text: string): string => {
  const sentence = `${text.charAt(0).toUpperCase()}${text.slice(1)}`
  return sentence.endsWith('…') ? sentence : `${sentence}.`
}
