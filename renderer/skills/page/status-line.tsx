import { UnstyledButton } from '@mantine/core'
import { useEffect, useState } from 'react'
import { useStore } from 'zustand'
import type { SkillDetail } from '../../../shared/contract/skills.ts'
import type { WorkingCopy } from '../../../shared/contract/working-copies.ts'
import { links } from '../../connection.ts'
import { compact } from '../../ui/format.ts'
import { when } from '../../ui/when.ts'
import type { Draft } from './autosave.ts'
import { useDraft } from './drafts.ts'
import { discardChanges } from './file-actions.ts'
import { sayOrigin } from './origin.ts'
import type { Tokens } from './use-skill.ts'
import classes from './write-tab.module.css'

type Props = { skill: SkillDetail; working: WorkingCopy; tokens: Tokens | undefined; path: string | undefined }

/** Whether the text is safe, where the skill came from, what it costs. */
export function StatusLine({ skill, working, tokens, path }: Props) {
  const draft = useDraft(skill.id, path ?? '')
  return (
    <div className={classes.status}>
      <span role="status" data-testid="saved">
        <Saved draft={draft} savedAt={working.savedAt} />
      </span>
      {working.changed && working.base && (
        <UnstyledButton className={classes.quiet} onClick={() => void discardChanges(skill.id)}>
          Discard changes
        </UnstyledButton>
      )}
      {skill.origin !== null && (
        <span className={classes.origin} title={skill.origin}>
          from {sayOrigin(skill.origin)}
        </span>
      )}
      {tokens && (
        <span className={classes.tiers} title="Tokens, estimated: in every session · when triggered · when opened">
          ≈ always {compact(tokens.now.always)} · trigger {compact(tokens.now.onTrigger)} · on demand{' '}
          {compact(tokens.now.onDemand)}
        </span>
      )}
    </div>
  )
}

function Saved({ draft, savedAt }: { draft: Draft | undefined; savedAt: number | null }) {
  const connected = useStore(links.app.connection, connection => connection.state === 'open')
  const at = Math.max(draft?.savedAt ?? 0, savedAt ?? 0)
  const now = useSeconds(at)
  if (draft && draft.state !== 'clean' && draft.state !== 'conflict' && draft.state !== 'refused' && !connected)
    return <>not saved yet: no connection; your text is kept here</>
  switch (draft?.state) {
    case 'dirty':
    case 'saving':
      return <>saving…</>
    case 'waiting':
      return <>not saved yet; trying again…</>
    case 'conflict':
      return <>not saved: changed in another window</>
    case 'refused':
      return <>not saved</>
    default:
      return at === 0 ? <>no changes</> : <span title={when(at)}>saved {ago(now - at)}</span>
  }
}

function ago(ms: number): string {
  if (ms < 1_500) return 'just now'
  if (ms < 60_000) return `${Math.round(ms / 1_000)} s ago`
  if (ms < 3_600_000) return `${Math.floor(ms / 60_000)} min ago`
  if (ms < 86_400_000) return `${Math.floor(ms / 3_600_000)} h ago`
  return 'earlier'
}

/** The present; by the second while something is fresh, by the minute later. */
function useSeconds(since: number): number {
  const [now, setNow] = useState(() => Date.now())
  const fresh = now - since < 60_000
  // biome-ignore lint/correctness/useExhaustiveDependencies: a newer saving starts the quick clock again
  useEffect(() => {
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), fresh ? 1_000 : 30_000)
    return () => clearInterval(timer)
  }, [since, fresh])
  return now
}
