import { SegmentedControl } from '@mantine/core'
import {
  IconArrowDown,
  IconArrowsUpDown,
  IconArrowUp,
  IconCopy,
  IconFold,
  IconSearch,
  IconSpace,
  IconTextWrap,
} from '@tabler/icons-react'
import type { ReactNode } from 'react'
import { formatNumber } from '../../ui/format.ts'
import { IconAction } from '../../ui/icon-action.tsx'
import type { Model } from './model.ts'
import { useCompareOptions } from './options-store.ts'
import classes from './text-diff.module.css'

type Props = {
  model: Model | undefined
  current: number
  mode: 'side' | 'inline'
  onMode: (mode: 'side' | 'inline') => void
  onGo: (step: 1 | -1) => void
  onSearch: () => void
  /** From one end of a moved block to the other; undefined where the current change is none. */
  onOtherEnd?: () => void
  onCopy: () => void
}

/** How the comparison is shown, and the way through it. */
export function DiffToolbar({ model, current, mode, onMode, onGo, onSearch, onOtherEnd, onCopy }: Props) {
  const { wrap, quiet, fold, set } = useCompareOptions()
  const total = model?.shown.length ?? 0
  return (
    <div className={classes.toolbar} role="toolbar" aria-label="Comparison">
      <span className={classes.total}>{model && lineTotals(model)}</span>
      <span className={classes.position}>
        {total === 0
          ? model && 'no change'
          : current < 0
            ? `${formatNumber(total)} ${total === 1 ? 'change' : 'changes'}`
            : `${current + 1} of ${total}`}
      </span>
      <IconAction name="Previous change" shortcut="alt+ArrowUp" disabled={total === 0} onClick={() => onGo(-1)}>
        <IconArrowUp size={16} stroke={1.5} />
      </IconAction>
      <IconAction name="Next change" shortcut="alt+ArrowDown" disabled={total === 0} onClick={() => onGo(1)}>
        <IconArrowDown size={16} stroke={1.5} />
      </IconAction>
      <IconAction name="Other end of the moved block" shortcut="M" disabled={!onOtherEnd} onClick={onOtherEnd}>
        <IconArrowsUpDown size={16} stroke={1.5} />
      </IconAction>
      <span className={classes.gap} />
      <Toggle name="Hide unchanged lines" on={fold} onToggle={on => set({ fold: on })}>
        <IconFold size={16} stroke={1.5} />
      </Toggle>
      <Toggle name="Ignore white space, wrapping and line breaks" on={quiet} onToggle={on => set({ quiet: on })}>
        <IconSpace size={16} stroke={1.5} />
      </Toggle>
      <Toggle name="Wrap long lines" on={wrap} onToggle={on => set({ wrap: on })}>
        <IconTextWrap size={16} stroke={1.5} />
      </Toggle>
      <SegmentedControl
        aria-label="Layout"
        data={[
          { value: 'side', label: 'Side by side' },
          { value: 'inline', label: 'Inline' },
        ]}
        value={mode}
        onChange={value => onMode(value === 'inline' ? 'inline' : 'side')}
      />
      <IconAction name="Search both sides" shortcut="mod+F" onClick={onSearch}>
        <IconSearch size={16} stroke={1.5} />
      </IconAction>
      <IconAction name="Copy as a unified patch" onClick={onCopy}>
        <IconCopy size={16} stroke={1.5} />
      </IconAction>
    </div>
  )
}

type ToggleProps = { name: string; on: boolean; onToggle: (on: boolean) => void; children: ReactNode }

function Toggle({ name, on, onToggle, children }: ToggleProps) {
  return (
    <IconAction
      name={name}
      aria-pressed={on}
      variant={on ? 'light' : 'subtle'}
      color={on ? 'steel' : 'gray'}
      onClick={() => onToggle(!on)}
    >
      {children}
    </IconAction>
  )
}

/** '+12 −3 lines' */
function lineTotals(model: Model): string {
  let [added, removed] = [0, 0]
  for (const index of model.shown) {
    const change = model.changes[index]
    if (!change) continue
    added += change.bLineEnd - change.bLine
    removed += change.aLineEnd - change.aLine
  }
  return added + removed === 0 ? '' : `+${formatNumber(added)} −${formatNumber(removed)} lines`
}
