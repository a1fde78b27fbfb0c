/**
 * Unsaved text of one file on its way to the backend.
 *
 *   clean ──edit──► dirty ──quiet 300 ms, or 1 s since the first edit──► saving ──stored──► clean, or dirty again
 *                     ▲                                                    │
 *                     └── waiting ◄── connection lost ─────────────────────┤ (sent again when it is back)
 *                         conflict ◄── another window wrote the file ──────┤ (until a person chooses)
 *                         refused ◄── the contract says no, in words ──────┘ (until the text changes)
 *
 * The text is kept here from the first keystroke until the backend says that it is stored, and one write a file is
 * in flight at a time, so nothing that was typed depends on a connection.
 */
export type DraftState = 'clean' | 'dirty' | 'saving' | 'waiting' | 'conflict' | 'refused'
export type Draft = {
  skillId: string
  path: string
  /** What the editor holds. */
  text: string
  /** SHA-256 of what the backend holds as far as this page knows; null for a file it does not have yet. */
  stored: string | null
  state: DraftState
  /** When the backend last stored it, in ms since 1970; null before. */
  savedAt: number | null
  /** Why it was refused, or, in a conflict, the hash of the other text (null: the file was removed). */
  reason?: string
  theirs?: string | null
}

/** `sent`: texts that were on their way; the backend may hold any of them by now. */
export type LeftOver = Pick<Draft, 'skillId' | 'path' | 'text' | 'stored'> & { sent: string[] }

export type WriteOutcome =
  | { kind: 'stored'; sha256: string; savedAt: number }
  | { kind: 'changed-elsewhere'; sha256: string | null }
  | { kind: 'refused'; reason: string }
  | { kind: 'lost' }

export type AutosaveParts = {
  write: (draft: { skillId: string; path: string; text: string; expected: string | null }) => Promise<WriteOutcome>
  /** SHA-256 of the text's UTF-8 as lowercase hex: tells an own write whose answer was lost from another's. */
  hash: (text: string) => Promise<string>
  now: () => number
  later: (run: () => void, ms: number) => () => void
  changed: (draft: Draft) => void
  forgotten: (draft: Draft) => void
}

const QUIET_MS = 300
const LONGEST_MS = 1_000
const RETRY_MS = 1_000

type Entry = {
  draft: Draft
  dirtySince: number
  /** Texts sent whose answer has not come: the backend may hold any of them. */
  unanswered: string[]
  cancel?: () => void
  flight?: Promise<void>
}

export type Autosave = ReturnType<typeof startAutosave>

/** Keeps drafts and writes them. `edit` is cheap and never fails; `flush` resolves when nothing can be written any more. */
export function startAutosave(parts: AutosaveParts) {
  const entries = new Map<string, Entry>()
  const keyOf = (skillId: string, path: string): string => `${skillId}\n${path}`

  function set(entry: Entry, change: Partial<Draft>): void {
    entry.draft = { ...entry.draft, ...change }
    parts.changed(entry.draft)
  }

  function schedule(entry: Entry): void {
    entry.cancel?.()
    const wait = Math.max(0, Math.min(QUIET_MS, entry.dirtySince + LONGEST_MS - parts.now()))
    entry.cancel = parts.later(() => void send(entry), wait)
  }

  function send(entry: Entry): Promise<void> {
    entry.cancel?.()
    entry.cancel = undefined
    if (entry.flight) return entry.flight
    if (entry.draft.state !== 'dirty' && entry.draft.state !== 'waiting') return Promise.resolve()
    entry.flight = write(entry).finally(() => {
      entry.flight = undefined
      if (entry.draft.state === 'dirty') schedule(entry)
    })
    return entry.flight
  }

  async function write(entry: Entry): Promise<void> {
    const { skillId, path, text, stored } = entry.draft
    set(entry, { state: 'saving' })
    if (!entry.unanswered.includes(text)) entry.unanswered.push(text)
    const outcome = await parts.write({ skillId, path, text, expected: stored })
    const own = outcome.kind === 'changed-elsewhere' ? await recognise(entry, outcome.sha256) : undefined
    const stale = (own ?? text) !== entry.draft.text
    if (stale) entry.dirtySince = parts.now()
    if (outcome.kind !== 'lost') entry.unanswered = []
    switch (outcome.kind) {
      case 'stored': {
        const { sha256, savedAt } = outcome
        return set(entry, { state: stale ? 'dirty' : 'clean', stored: sha256, savedAt, reason: undefined })
      }
      case 'changed-elsewhere':
        if (own === undefined) return set(entry, { state: 'conflict', theirs: outcome.sha256 })
        return set(entry, { state: stale ? 'dirty' : 'clean', stored: outcome.sha256, savedAt: parts.now() })
      case 'refused':
        return set(entry, { state: stale ? 'dirty' : 'refused', reason: outcome.reason })
      case 'lost':
        // The new connection may already be there by the time the old one's failure is heard of.
        entry.cancel = parts.later(() => void send(entry), RETRY_MS)
        return set(entry, { state: 'waiting' })
      default:
        outcome satisfies never
    }
  }

  /** A write whose answer was lost with the connection is met again as 'changed elsewhere', with a hash of our own. */
  async function recognise(entry: Entry, theirs: string | null): Promise<string | undefined> {
    for (const sent of entry.unanswered) if ((await parts.hash(sent)) === theirs) return sent
    return undefined
  }

  return {
    get: (skillId: string, path: string): Draft | undefined => entries.get(keyOf(skillId, path))?.draft,
    /** What is not known to be stored: for the next page, where this one goes away now. */
    leftOver: (): LeftOver[] =>
      [...entries.values()].flatMap(({ draft: { state, skillId, path, text, stored }, unanswered }) =>
        state === 'clean' ? [] : { skillId, path, text, stored, sent: [...unanswered] },
      ),

    /** What the backend holds, when a file is opened or was changed by somebody else. Unsaved text is kept. */
    load(skillId: string, path: string, text: string, sha256: string, savedAt: number | null): Draft {
      const key = keyOf(skillId, path)
      const entry = entries.get(key)
      // What the choice is about is what the other window holds now, not what it held when the conflict was met.
      if (entry?.draft.state === 'conflict' && entry.draft.theirs !== sha256) set(entry, { theirs: sha256 })
      if (entry && entry.draft.state !== 'clean') return entry.draft
      const draft: Draft = {
        skillId,
        path,
        text,
        stored: sha256,
        state: 'clean',
        savedAt: entry?.draft.savedAt ?? savedAt,
      }
      entries.set(key, { draft, dirtySince: 0, unanswered: [] })
      parts.changed(draft)
      return draft
    },

    /** Text that was still unsaved when an earlier page went away. */
    recover({ skillId, path, text, stored, sent }: LeftOver): void {
      const entry: Entry = {
        draft: { skillId, path, text, stored, state: 'dirty', savedAt: null },
        dirtySince: parts.now(),
        unanswered: [...sent],
      }
      entries.set(keyOf(skillId, path), entry)
      parts.changed(entry.draft)
      schedule(entry)
    },

    edit(skillId: string, path: string, text: string): void {
      const entry = entries.get(keyOf(skillId, path))
      if (!entry || entry.draft.text === text) return
      if (entry.draft.state === 'clean' || entry.draft.state === 'refused') {
        entry.dirtySince = parts.now()
        set(entry, { text, state: 'dirty', reason: undefined })
      } else set(entry, { text })
      if (entry.draft.state === 'dirty') schedule(entry)
    },

    /** Settles a conflict: the editor's text is written over `theirs`, or dropped for the stored one. */
    keepMine(skillId: string, path: string): void {
      const entry = entries.get(keyOf(skillId, path))
      if (entry?.draft.state !== 'conflict') return
      set(entry, { state: 'dirty', stored: entry.draft.theirs ?? null, theirs: undefined })
      void send(entry)
    },
    takeTheirs(skillId: string, path: string, text: string, sha256: string): void {
      const entry = entries.get(keyOf(skillId, path))
      if (!entry) return
      entry.cancel?.()
      set(entry, { state: 'clean', text, stored: sha256, theirs: undefined, reason: undefined })
    },

    /** Drops what is known of one file, or of a whole skill: it was renamed, removed or discarded. */
    forget(skillId: string, path?: string): void {
      for (const [key, entry] of entries)
        if (entry.draft.skillId === skillId && (path === undefined || entry.draft.path === path)) {
          entry.cancel?.()
          entries.delete(key)
          parts.forgotten(entry.draft)
        }
    },

    /** The connection is back: everything that waited is sent again. */
    resume(): void {
      for (const entry of entries.values()) if (entry.draft.state === 'waiting') void send(entry)
    },

    /** Writes what is unsaved now. True when everything of the skill is stored. */
    async flush(skillId?: string): Promise<boolean> {
      const mine = (): Entry[] =>
        [...entries.values()].filter(e => skillId === undefined || e.draft.skillId === skillId)
      for (let round = 0; round < 5; round++) {
        const open = mine().filter(entry => entry.flight || entry.draft.state === 'dirty')
        if (open.length === 0) break
        await Promise.all(open.map(send))
      }
      return mine().every(entry => entry.draft.state === 'clean')
    },
  }
}
