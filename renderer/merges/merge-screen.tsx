import { Anchor, Button } from '@mantine/core'
import { IconArrowBackUp, IconArrowDown, IconArrowForwardUp, IconArrowUp } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useCallback, useRef, useState } from 'react'
import { Link } from 'wouter'
import { query, sayError } from '../api.ts'
import { address } from '../routes.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { formatNumber } from '../ui/format.ts'
import { IconAction } from '../ui/icon-action.tsx'
import { Page } from '../ui/page.tsx'
import { useShortcut } from '../ui/shortcut.ts'
import { Waiting } from '../ui/waiting.tsx'
import { FileChoice } from './file-choice.tsx'
import { MergeFiles } from './merge-files.tsx'
import classes from './merges.module.css'
import type { Names } from './names.ts'
import {
  type FileMerge,
  type Item,
  isSettled,
  itemsOf,
  nextItem,
  type Prepared,
  sayRemaining,
  type Target,
} from './plan.ts'
import { SaveMergeDialog } from './save-merge.tsx'
import type { Step, Steps } from './settling.ts'
import { TextMerge } from './text-merge.tsx'
import { usePlan } from './use-plan.ts'
import { useSettling } from './use-settling.ts'

type Props = { prepared: Prepared; names: Names; file: string | undefined; onFile: (path: string) => void }

/** Everything of a merge: what settled itself, what is to be settled, and saving it. */
export function MergeScreen(props: Props) {
  const { prepared, names } = props
  const { plan, error } = usePlan(prepared)
  const { steps, decide } = useSettling(prepared.left.id, prepared.right.id)
  const title = `Merge ${names.right} into ${names.left}`
  if (error)
    return (
      <Page title={title}>
        <ErrorNotice happened={sayError(error)} kept="Nothing was changed." todo="Reload to try again." />
      </Page>
    )
  if (!plan)
    return (
      <Page title={title}>
        <Waiting what="Merging…" />
      </Page>
    )
  return <Planned {...props} title={title} plan={plan} steps={steps} decide={decide} />
}

type PlannedProps = Props & { title: string; plan: readonly FileMerge[]; steps: Steps; decide: (step: Step) => void }

function Planned({ prepared, names, file, onFile, title, plan, steps, decide }: PlannedProps) {
  const items = itemsOf(plan)
  const settled = items.filter(item => isSettled(steps.now, item)).length
  const open = openFile(plan, file)
  const firstItem = items.findIndex(item => item.path === open?.file.path)
  const { target, go, arrive } = useSteps(items, open?.file.path, onFile)
  const [saving, setSaving] = useState(false)
  const [undo, redo] = [() => decide({ do: 'undo' }), () => decide({ do: 'redo' })]
  useShortcut('mod+Z', undo)
  useShortcut('mod+shift+Z', redo)
  useShortcut('F7', () => go(1), { inText: true })
  useShortcut('shift+F7', () => go(-1), { inText: true })
  useShortcut('alt+ArrowDown', () => go(1), { inText: true })
  useShortcut('alt+ArrowUp', () => go(-1), { inText: true })
  const remaining = sayRemaining(items, steps.now)

  return (
    <Page
      title={title}
      detail={<Detail prepared={prepared} names={names} />}
      actions={
        <>
          <IconAction name="Previous conflict" shortcut="shift+F7" disabled={items.length === 0} onClick={() => go(-1)}>
            <IconArrowUp size={16} stroke={1.5} />
          </IconAction>
          <IconAction name="Next conflict" shortcut="F7" disabled={items.length === 0} onClick={() => go(1)}>
            <IconArrowDown size={16} stroke={1.5} />
          </IconAction>
          <IconAction name="Undo" shortcut="mod+Z" disabled={steps.past.length === 0} onClick={undo}>
            <IconArrowBackUp size={16} stroke={1.5} />
          </IconAction>
          <IconAction name="Redo" shortcut="mod+shift+Z" disabled={steps.future.length === 0} onClick={redo}>
            <IconArrowForwardUp size={16} stroke={1.5} />
          </IconAction>
          <Button disabled={remaining.length > 0} aria-describedby="merge-remaining" onClick={() => setSaving(true)}>
            Save merged version…
          </Button>
        </>
      }
    >
      <div className={classes.screen}>
        <p className={classes.progress} id="merge-remaining" role="status">
          {items.length === 0 ? (
            'No conflicts: everything settled itself.'
          ) : (
            <>
              <strong>
                {formatNumber(settled)} of {formatNumber(items.length)} settled.
              </strong>
              {remaining.length > 0 && ` Still to settle: ${sayShort(remaining)}.`}
            </>
          )}
        </p>
        {prepared.base === null && (
          <p className={classes.warning}>
            {names.left} and {names.right} have no common version, so nobody can say which side changed what: every
            difference is for you to choose.
          </p>
        )}
        <div className={classes.columns}>
          <MergeFiles plan={plan} settling={steps.now} names={names} open={open?.file.path} onOpen={onFile} />
          <div className={classes.open}>
            {open?.kind === 'text' && (
              <TextMerge
                key={open.file.path}
                merge={open}
                settling={steps.now}
                decide={decide}
                names={names}
                first={firstItem}
                total={items.length}
                target={target}
                onArrive={arrive}
              />
            )}
            {open?.kind === 'choose' && (
              <FileChoice
                key={open.file.path}
                prepared={prepared}
                file={open.file}
                names={names}
                chosen={steps.now.files[open.file.path]}
                onChoose={side => decide({ do: 'take-file', path: open.file.path, side })}
                target={target}
                onArrive={() => arrive(firstItem)}
              />
            )}
            {!open && <p className={classes.nothing}>Every file settled itself. Save the merged version as it is.</p>}
          </div>
        </div>
      </div>
      {saving && (
        <SaveMergeDialog
          prepared={prepared}
          plan={plan}
          settling={steps.now}
          names={names}
          onClose={() => setSaving(false)}
        />
      )}
    </Page>
  )
}

/** The file that was asked for, or the first with something to settle, or the first text that was merged. */
function openFile(
  plan: readonly FileMerge[],
  path: string | undefined,
): Exclude<FileMerge, { kind: 'itself' }> | undefined {
  const shown = plan.flatMap(each => (each.kind === 'itself' ? [] : each))
  return (
    shown.find(each => each.file.path === path) ??
    shown.find(each => each.kind === 'choose' || each.text.merged.conflicts > 0) ??
    shown[0]
  )
}

function useSteps(items: readonly Item[], openPath: string | undefined, onFile: (path: string) => void) {
  const [target, setTarget] = useState<Target>()
  const at = useRef(-1)
  const go = (step: 1 | -1) => {
    at.current = nextItem(items, at.current, openPath, step)
    const item = items[at.current]
    if (!item) return
    if (item.path !== openPath) onFile(item.path)
    setTarget({ path: item.path, index: item.index })
  }
  /** Where one is by other ways than the keys. */
  const arrive = useCallback((index: number) => {
    at.current = index
  }, [])
  return { target, go, arrive }
}

/** As many as one can read. */
const sayShort = (remaining: readonly string[]): string =>
  remaining.length > 4 ? `${remaining.slice(0, 4).join(', ')} and ${remaining.length - 4} more` : remaining.join(', ')

function Detail({ prepared, names }: { prepared: Prepared; names: Names }) {
  const skill = useQuery(query.skills.get.queryOptions({ input: { id: prepared.skillId } }))
  return (
    <>
      <Anchor component={Link} underline="always" href={address.skill(prepared.skillId, 'history')}>
        {skill.data?.name ?? 'the skill'}
      </Anchor>
      {names.base !== undefined && ` · both come from ${names.base}`}
    </>
  )
}
