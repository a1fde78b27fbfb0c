import type { Library } from './library.ts'

/** As limits of them are given. */
export const MEGABYTE = 1_000_000

export type ReplyFound = { reply: string; used_at: number }

export const findReply = (library: Library, key: string): ReplyFound | undefined =>
  library.find<ReplyFound>('SELECT reply, used_at FROM model_replies WHERE reply_key = ?', key)

/** Says how many bytes it is. */
export function putReply(library: Library, key: string, reply: string, now: number): number {
  const bytes = Buffer.byteLength(reply)
  library.run(
    'INSERT OR REPLACE INTO model_replies (reply_key, reply, created_at, bytes, used_at) VALUES (?, ?, ?, ?, ?)',
    key,
    reply,
    now,
    bytes,
    now,
  )
  return bytes
}

/** It was of use again, so it goes later than others. */
export const touchReply = (library: Library, key: string, now: number): number =>
  library.run('UPDATE model_replies SET used_at = ? WHERE reply_key = ?', now, key)

export const measureReplies = (library: Library): { answers: number; bytes: number } =>
  library.get('SELECT count(*) AS answers, coalesce(sum(bytes), 0) AS bytes FROM model_replies')

/** Lets go of what was used longest ago, until no more than so many bytes are left. */
export const trimReplies = (library: Library, bytes: number): number =>
  library.run(
    `DELETE FROM model_replies WHERE rowid IN (
       SELECT rowid FROM (SELECT rowid, sum(bytes) OVER (ORDER BY used_at DESC, rowid DESC) AS upto FROM model_replies) WHERE upto > ?)`,
    bytes,
  )

export const deleteReplies = (library: Library): number => library.run('DELETE FROM model_replies')
