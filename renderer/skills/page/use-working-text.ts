import { useQuery } from '@tanstack/react-query'
import { useEffect } from 'react'
import type { FileContent } from '../../../shared/contract/files.ts'
import { query } from '../../api.ts'
import type { Draft } from './autosave.ts'
import { drafts, useDraft } from './drafts.ts'

export type WorkingText = {
  /** What the editor shows: typed text where there is some, else what is stored. Undefined while unknown, and for what is no text. */
  text: string | undefined
  draft: Draft | undefined
  file: FileContent | undefined
  error: Error | null
  edit: (text: string) => void
}

/** One file of the working copy, as typed. */
export function useWorkingText(skillId: string, path: string | undefined): WorkingText {
  const file = useQuery(
    query.files.read.queryOptions({
      input: { of: { kind: 'working', skillId }, path: path ?? '' },
      enabled: path !== undefined,
    }),
  )
  const draft = useDraft(skillId, path ?? '')
  const stored = file.data?.kind === 'text' ? file.data : undefined
  useEffect(() => {
    if (path !== undefined && stored) drafts().load(skillId, path, stored.text, stored.sha256, null)
  }, [skillId, path, stored])
  return {
    text: draft?.text ?? stored?.text,
    draft,
    file: file.data,
    error: file.error,
    edit: text => {
      if (path !== undefined) drafts().edit(skillId, path, text)
    },
  }
}
