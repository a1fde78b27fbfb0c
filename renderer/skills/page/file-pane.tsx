import { Button } from '@mantine/core'
import { type RefObject, useEffect, useMemo } from 'react'
import type { Check } from '../../../shared/domain/skill-md.ts'
import { sayError } from '../../api.ts'
import { CodeEditor, type EditorHandle } from '../../editor/code-editor.tsx'
import { CodeView } from '../../editor/code-view.tsx'
import { FileCard } from '../../editor/file-card.tsx'
import { Empty } from '../../ui/empty.tsx'
import { ErrorNotice } from '../../ui/error-notice.tsx'
import { ConflictStrip } from './conflict-strip.tsx'
import { drafts } from './drafts.ts'
import type { FileActions } from './file-actions.ts'
import type { WorkingText } from './use-working-text.ts'
import classes from './write-tab.module.css'

type Props = {
  skillId: string
  path: string | undefined
  working: WorkingText
  checks: readonly Check[]
  /** A finding to jump to as soon as its file is shown. */
  pending: Check | undefined
  onShown: () => void
  onLine: (line: number) => void
  actions: FileActions
  editorRef: RefObject<EditorHandle | null>
  readOnly: boolean
}

/** One file of the working copy: its editor, or what it is when it is not text. */
export function FilePane(props: Props) {
  const { skillId, path, working, checks, pending, onShown, onLine, actions, editorRef, readOnly } = props
  const { text, draft, file, error } = working
  const diagnostics = useMemo(() => diagnosticsOf(checks), [checks])
  const ready = text !== undefined
  useEffect(() => {
    if (!pending || !ready) return
    editorRef.current?.show(pending.from ?? 0, pending.to ?? pending.from ?? 0)
    onShown()
  }, [pending, ready, editorRef, onShown])

  // Whoever comes here by New, Open or New file comes to write; a hand that rests on a tab or in the tree stays there.
  useEffect(() => {
    if (ready && path !== undefined && document.activeElement === document.body) editorRef.current?.focus()
  }, [ready, path, editorRef])

  if (path === undefined)
    return (
      <Empty
        title="This skill has no files"
        actions={!readOnly && <Button onClick={() => void actions.create('SKILL.md')}>Make a SKILL.md</Button>}
      >
        A skill is a folder with a SKILL.md: what it is called, when to use it, and what to do.
      </Empty>
    )
  if (text === undefined && error)
    return <ErrorNotice happened={sayError(error)} todo="The other files of the skill can still be opened." />
  if (file && file.kind !== 'text' && !draft)
    return <FileCard of={{ kind: 'working', skillId }} path={path} file={file} />
  if (text === undefined) return null
  if (readOnly) return <CodeView path={path} text={text} />
  return (
    <div className={classes.pane}>
      {draft?.state === 'conflict' && <ConflictStrip draft={draft} />}
      {draft?.state === 'refused' && (
        <div className={classes.strip} role="alert">
          Not saved: {draft.reason} Your text is kept here.
        </div>
      )}
      <CodeEditor
        documentId={`${skillId}\n${path}`}
        path={path}
        text={text}
        onChange={working.edit}
        onLine={onLine}
        onBlur={() => void drafts().flush(skillId)}
        diagnostics={diagnostics}
        ref={editorRef}
      />
    </div>
  )
}

function diagnosticsOf(checks: readonly Check[]) {
  return checks.flatMap(check =>
    check.from === undefined
      ? []
      : {
          from: check.from,
          to: Math.max(check.to ?? check.from, check.from),
          severity: check.severity === 'advice' ? ('info' as const) : check.severity,
          message: check.message,
        },
  )
}
