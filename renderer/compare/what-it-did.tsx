import { UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import type { Comparison } from '../../shared/contract/compare.ts'
import classes from './compare.module.css'
import { verdictsOf } from './verdicts.ts'

/** What both versions did, beside what they say: tokens, quality, cost, ratings. */
export function WhatItDid({ comparison, names }: { comparison: Comparison; names: { left: string; right: string } }) {
  const [open, setOpen] = useState(true)
  const { verdicts, unmeasured } = useMemo(() => verdictsOf(comparison.left, comparison.right), [comparison])
  return (
    <section className={classes.did} aria-label="What it did">
      <UnstyledButton className={classes.fold} aria-expanded={open} onClick={() => setOpen(was => !was)}>
        {open ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
        What it did
      </UnstyledButton>
      {open && (
        <div className={classes.verdicts}>
          {verdicts.map(verdict => (
            <dl key={verdict.name} className={classes.verdict} title={verdict.note}>
              <dt>{verdict.name}</dt>
              <dd>
                <Figure of={names.left} value={verdict.left} />
                <span aria-hidden> → </span>
                <Figure of={names.right} value={verdict.right} />
              </dd>
              <dd className={classes.difference} data-tone={verdict.tone}>
                {verdict.difference}
              </dd>
            </dl>
          ))}
          {unmeasured.length > 0 && (
            <p className={classes.unmeasured}>Not measured on either side: {unmeasured.join(', ').toLowerCase()}.</p>
          )}
        </div>
      )}
    </section>
  )
}

function Figure({ of, value }: { of: string; value: string }) {
  return (
    <span className={value.startsWith('not ') ? classes.unknown : undefined} title={of}>
      {value}
    </span>
  )
}
