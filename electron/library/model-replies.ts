import type { Library } from './library.ts'

export const findReply = (library: Library, key: string): string | undefined =>
  library.find<{ reply: string }>('SELECT reply FROM model_replies WHERE reply_key = ?', key)?.reply

export const putReply = (library: Library, key: string, reply: string, now: number): number =>
  library.run('INSERT OR REPLACE INTO model_replies (reply_key, reply, created_at) VALUES (?, ?, ?)', key, reply, now)

export const measureReplies = (library: Library): { answers: number; bytes: number } =>
  library.get('SELECT count(*) AS answers, coalesce(sum(length(reply)), 0) AS bytes FROM model_replies')

export const deleteReplies = (library: Library): number => library.run('DELETE FROM model_replies')
