import { create } from 'zustand'
import { api, isExpected, query, queryClient, sayError } from '../../api.ts'
import { links } from '../../connection.ts'
import { type Autosave, type Draft, type LeftOver, startAutosave, type WriteOutcome } from './autosave.ts'

/** What the screen shows of the drafts; the drafts themselves are `autosave`'s. */
type Drafts = { drafts: Record<string, Draft> }
export const useDrafts = create<Drafts>(() => ({ drafts: {} }))

const keyOf = (skillId: string, path: string): string => `${skillId}\n${path}`
export const useDraft = (skillId: string, path: string): Draft | undefined =>
  useDrafts(store => store.drafts[keyOf(skillId, path)])

let running: Autosave | undefined

/** The page's one autosave: started with the first skill that is opened, it lives as long as the page. */
export function drafts(): Autosave {
  if (running) return running
  const autosave = startAutosave({
    write,
    hash,
    now: () => Date.now(),
    later: (run, ms) => {
      const timer = setTimeout(run, ms)
      return () => clearTimeout(timer)
    },
    changed: draft =>
      useDrafts.setState(was => ({ drafts: { ...was.drafts, [keyOf(draft.skillId, draft.path)]: draft } })),
    forgotten: draft =>
      useDrafts.setState(was => {
        const { [keyOf(draft.skillId, draft.path)]: _, ...drafts } = was.drafts
        return { drafts }
      }),
  })
  running = autosave
  links.app.connection.subscribe((now, was) => {
    if (now.state === 'open' && now.opened !== was.opened) autosave.resume()
  })
  for (const left of takeLeftOver()) autosave.recover(left)
  // Leaving: what can still be written is written; what cannot is kept for the next page.
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') void autosave.flush()
  })
  window.addEventListener('pagehide', () => {
    void autosave.flush()
    keepLeftOver(autosave.leftOver())
  })
  return autosave
}

async function write(draft: {
  skillId: string
  path: string
  text: string
  expected: string | null
}): Promise<WriteOutcome> {
  const { skillId, path, text, expected } = draft
  try {
    const stored = await api.workingCopies.write({ skillId, path, content: { kind: 'text', text }, expected })
    // The answer is newer than any reading of the file, also than one under way; `changes` refreshes everything else.
    const queryKey = query.files.read.queryKey({ input: { of: { kind: 'working', skillId }, path } })
    await queryClient.cancelQueries({ queryKey })
    queryClient.setQueryData(queryKey, was =>
      was?.kind === 'text' ? { ...was, text, sha256: stored.sha256, size: stored.size } : was,
    )
    return { kind: 'stored', sha256: stored.sha256, savedAt: stored.savedAt }
  } catch (error) {
    if (!isExpected(error)) return { kind: 'lost' }
    if (error.code === 'CHANGED_ELSEWHERE') return { kind: 'changed-elsewhere', sha256: theirHash(error.data) }
    return { kind: 'refused', reason: sayError(error) }
  }
}

const theirHash = (data: unknown): string | null =>
  typeof data === 'object' && data !== null && 'sha256' in data && typeof data.sha256 === 'string' ? data.sha256 : null

async function hash(text: string): Promise<string> {
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text))
  return Array.from(new Uint8Array(digest), byte => byte.toString(16).padStart(2, '0')).join('')
}

const LEFT_OVER = 'whetstone.unsaved'

/** `localStorage` is written before the page is gone, which no message to the backend can promise. */
function keepLeftOver(left: readonly LeftOver[]): void {
  try {
    if (left.length > 0) localStorage.setItem(LEFT_OVER, JSON.stringify(left))
    else localStorage.removeItem(LEFT_OVER)
  } catch {
    // No room or no storage: then the messages already sent are all that can be done.
  }
}

function takeLeftOver(): LeftOver[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(LEFT_OVER) ?? '[]')
    localStorage.removeItem(LEFT_OVER)
    return Array.isArray(kept) ? kept.filter(isLeftOver) : []
  } catch {
    return []
  }
}

const isLeftOver = (value: unknown): value is LeftOver =>
  typeof value === 'object' &&
  value !== null &&
  'skillId' in value &&
  typeof value.skillId === 'string' &&
  'path' in value &&
  typeof value.path === 'string' &&
  'text' in value &&
  typeof value.text === 'string' &&
  'stored' in value &&
  (value.stored === null || typeof value.stored === 'string') &&
  'sent' in value &&
  Array.isArray(value.sent) &&
  value.sent.every(text => typeof text === 'string')
