import { IconArrowsExchange, IconChevronLeft, IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { type ReactNode, useEffect } from 'react'
import type { ContentRef } from '../../shared/contract/base.ts'
import type { Comparison } from '../../shared/contract/compare.ts'
import { isSkillMd } from '../../shared/domain/bundle.ts'
import { isExpected, query, sayError } from '../api.ts'
import { writeContentRef } from '../routes.ts'
import { Empty } from '../ui/empty.tsx'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { IconAction } from '../ui/icon-action.tsx'
import { useShortcut } from '../ui/shortcut.ts'
import { ChangedFiles } from './changed-files.tsx'
import classes from './compare.module.css'
import { copyWholePatch } from './copy-patch.ts'
import { FieldsPanel } from './fields-panel.tsx'
import { FileComparison } from './file-comparison.tsx'
import { MergeLink } from './merge-link.tsx'
import { SidePicker, shortName } from './side-picker.tsx'
import { summaryOf } from './summary.ts'
import { warmUp } from './text/diff-client.ts'
import { useSteps } from './use-steps.ts'
import { WhatItDid } from './what-it-did.tsx'

export type CompareState = { left?: ContentRef; right?: ContentRef; file?: string; mode: 'side' | 'inline' }
type Props = {
  state: CompareState
  onChange: (state: CompareState) => void
  /** Offered first when a side is not chosen yet. */
  skillId?: string
  /** What else can be compared, beside the sides. */
  more?: ReactNode
}

/** Any two contents side by side: what differs in files, fields and words, and what either did. */
export function CompareView({ state, onChange, skillId, more }: Props) {
  const { left, right } = state
  useEffect(warmUp, [])
  const compared = useQuery(
    query.compare.get.queryOptions({
      input: { left: left ?? NOWHERE, right: right ?? NOWHERE },
      enabled: left !== undefined && right !== undefined,
      placeholderData: before => before,
      ...((left?.kind === 'folder' || right?.kind === 'folder') && FROM_DISK),
    }),
  )
  const comparison = left && right ? compared.data : undefined
  const steps = useSteps(comparison, state, onChange)
  const swap = () => onChange({ ...state, left: right, right: left })
  useShortcut('[', steps.back)
  useShortcut(']', steps.forward)
  const leftSkill = comparison?.left.skillId ?? skillId
  const rightSkill = comparison?.right.skillId ?? skillId
  const nameSkill = skillId === undefined || leftSkill !== skillId || rightSkill !== skillId

  return (
    <div className={classes.view}>
      <div className={classes.sides}>
        <IconAction name="One version back" shortcut="[" disabled={!steps.canBack} onClick={steps.back}>
          <IconChevronLeft size={16} stroke={1.5} />
        </IconAction>
        <SidePicker
          label="Left"
          side={comparison?.left}
          skillId={leftSkill}
          nameSkill={nameSkill}
          onPick={of => onChange({ ...state, left: of })}
        />
        <IconAction name="Swap sides" disabled={!left || !right} onClick={swap}>
          <IconArrowsExchange size={16} stroke={1.5} />
        </IconAction>
        <SidePicker
          label="Right"
          side={comparison?.right}
          skillId={rightSkill}
          nameSkill={nameSkill}
          onPick={of => onChange({ ...state, right: of })}
        />
        <IconAction name="One version forward" shortcut="]" disabled={!steps.canForward} onClick={steps.forward}>
          <IconChevronRight size={16} stroke={1.5} />
        </IconAction>
        {comparison && <MergeLink comparison={comparison} />}
        {more}
        <output className={classes.summary} data-testid="summary">
          {comparison && summaryOf(comparison)}
        </output>
      </div>
      {compared.error && left && right ? (
        <ErrorNotice
          happened={isGone(compared.error) ? 'One of these is no longer here.' : sayError(compared.error)}
          todo="Choose another version on the left or right."
        />
      ) : comparison ? (
        <Compared comparison={comparison} state={state} onChange={onChange} />
      ) : left && right ? null : (
        <Empty title="Choose two to compare">
          Any two versions, of one skill or of two, what is being edited, what is published, or a folder on disk. The
          left side is the earlier one.
        </Empty>
      )}
    </div>
  )
}

/** Nobody tells when a folder on disk changes: it is read again whenever the window is looked at again. */
const FROM_DISK = { staleTime: 0, refetchOnWindowFocus: true } as const

const isGone = (error: unknown): boolean => isExpected(error) && error.code === 'NOT_FOUND'

/** Never asked for: the query is off until both sides are chosen. */
const NOWHERE: ContentRef = { kind: 'version', id: 'none' }

type ComparedProps = { comparison: Comparison; state: CompareState; onChange: (state: CompareState) => void }

function Compared({ comparison, state, onChange }: ComparedProps) {
  const { left, right, changes, fields, unchanged } = comparison
  const names = { left: shortName(left), right: shortName(right) }
  if (changes.length === 0)
    return (
      <>
        <WhatItDid comparison={comparison} names={names} />
        <Empty title="Both sides are the same">
          {sameRef(left.of, right.of) ? 'They are one and the same.' : 'Every file is equal, byte for byte.'}
        </Empty>
      </>
    )
  const open = changes.find(change => change.path === state.file) ?? firstToShow(changes)
  return (
    <>
      <WhatItDid comparison={comparison} names={names} />
      <div className={classes.columns}>
        <ChangedFiles
          changes={changes}
          unchanged={unchanged}
          open={open?.path}
          onOpen={file => onChange({ ...state, file })}
          onCopy={() => void copyWholePatch(comparison)}
        />
        <div className={classes.opened}>
          {open && isSkillMd(open.path) && <FieldsPanel fields={fields} />}
          {open && (
            <FileComparison
              key={`${open.fromPath ?? ''} ${open.path}`}
              change={open}
              left={left}
              right={right}
              names={names}
              mode={state.mode}
              onMode={mode => onChange({ ...state, mode })}
            />
          )}
        </div>
      </div>
    </>
  )
}

const sameRef = (a: ContentRef, b: ContentRef): boolean => writeContentRef(a) === writeContentRef(b)

const firstToShow = (changes: Comparison['changes']) => changes.find(change => isSkillMd(change.path)) ?? changes[0]
