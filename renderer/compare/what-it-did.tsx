import { UnstyledButton } from '@mantine/core'
import { IconChevronDown, IconChevronRight } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { Comparison } from '../../shared/contract/compare.ts'
import { query, sayError } from '../api.ts'
import classes from './compare.module.css'
import { EvidenceDetails } from './evidence-details.tsx'
import { evidenceRows, type Row, tokenRows } from './evidence-rows.ts'
import { useCompareOptions } from './text/options-store.ts'

type Props = { comparison: Comparison; names: { left: string; right: string } }

/** What both versions did, beside what they say. Each measured figure opens what it is made of. */
export function WhatItDid({ comparison, names }: Props) {
  const { evidence: open, set } = useCompareOptions()
  const [shown, setShown] = useState<Row['key']>()
  const { left, right } = comparison
  const evidence = useQuery(
    query.compare.evidence.queryOptions({
      input: { left: left.of, right: right.of },
      enabled: open,
      placeholderData: before => before,
    }),
  )
  const tokens = useMemo(() => tokenRows(comparison), [comparison])
  const measured = useMemo(() => evidence.data && evidenceRows(evidence.data), [evidence.data])
  const row = (each: Row) => (
    <FigureRow
      key={each.key}
      row={each}
      names={names}
      open={shown === each.key}
      onToggle={() => setShown(was => (was === each.key ? undefined : each.key))}
    />
  )
  const detail = measured?.rows.some(each => each.key === shown) ? shown : undefined
  return (
    <section className={classes.did} aria-label="What it did">
      <UnstyledButton className={classes.fold} aria-expanded={open} onClick={() => set({ evidence: !open })}>
        {open ? <IconChevronDown size={14} aria-hidden /> : <IconChevronRight size={14} aria-hidden />}
        What it did
      </UnstyledButton>
      {open && (
        <>
          <div className={classes.verdicts}>
            <div>{tokens.map(row)}</div>
            <div>
              {measured?.rows.map(row)}
              {measured && measured.unmeasured.length > 0 && (
                <p className={classes.unmeasured}>Not measured on either side: {measured.unmeasured.join(', ')}.</p>
              )}
              {evidence.error && !measured && <p className={classes.unmeasured}>{sayError(evidence.error)}</p>}
            </div>
          </div>
          {detail && evidence.data && <EvidenceDetails of={detail} evidence={evidence.data} names={names} />}
        </>
      )}
    </section>
  )
}

type RowProps = {
  row: Row
  names: Props['names']
  open: boolean
  onToggle: () => void
}

function FigureRow({ row, names, open, onToggle }: RowProps) {
  const isCounted = row.key === 'always' || row.key === 'onTrigger' || row.key === 'onDemand'
  return (
    <dl className={classes.verdict}>
      <dt>
        {isCounted || row.key === 'hours' ? (
          row.name
        ) : (
          <UnstyledButton className={classes.opener} aria-expanded={open} onClick={onToggle}>
            {row.name}
          </UnstyledButton>
        )}
      </dt>
      <dd>
        <Figure of={names.left} value={row.left} />
        <span aria-hidden> → </span>
        <Figure of={names.right} value={row.right} />
      </dd>
      <dd className={classes.difference} data-tone={row.tone}>
        {row.said}
      </dd>
    </dl>
  )
}

function Figure({ of, value }: { of: string; value: string }) {
  return (
    <span className={value.startsWith('not ') ? classes.unknown : undefined} title={of}>
      {value}
    </span>
  )
}
