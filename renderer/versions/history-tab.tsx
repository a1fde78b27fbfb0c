import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef, useState } from 'react'
import { useLocation, useSearch } from 'wouter'
import type { SkillDetail } from '../../shared/contract/skills.ts'
import type { VersionRow } from '../../shared/contract/versions.ts'
import type { WorkingCopy } from '../../shared/contract/working-copies.ts'
import { query, sayError } from '../api.ts'
import { address } from '../routes.ts'
import { Empty } from '../ui/empty.tsx'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { headsOf } from '../ui/lineage.ts'
import { useNow } from '../ui/time.tsx'
import classes from './history.module.css'
import { parentOf } from './parent-of.ts'
import { DivergenceStrip } from './picture/divergence-strip.tsx'
import { HistoryPicture } from './picture/history-picture.tsx'
import { useGrowing } from './use-growing.ts'
import { VersionItem } from './version-item.tsx'
import { VersionView } from './version-view.tsx'

type Props = { skill: SkillDetail; working: WorkingCopy }

/**
 * The versions of a skill, newest first. Arrows move, Enter compares with the one before, Space picks; two picked ones are
 * compared with each other.
 */
export function HistoryTab({ skill, working }: Props) {
  const [, navigate] = useLocation()
  const versions = useQuery(query.versions.list.queryOptions({ input: { skillId: skill.id } }))
  const shown = new URLSearchParams(useSearch()).get('version')
  const [picked, setPicked] = useState<readonly string[]>([])
  const [at, setAt] = useState(0)
  const list = useRef<HTMLOListElement>(null)
  const now = useNow()
  const rows = versions.data ?? []
  const heads = headsOf(rows)
  const { shown: laidOut, end, reach } = useGrowing(rows.length)

  const focus = (index: number) => {
    const next = Math.max(0, Math.min(rows.length - 1, index))
    setAt(next)
    reach(next)
    list.current?.querySelectorAll<HTMLElement>('[data-version]')[next]?.focus()
  }
  const open = (id: string | undefined) =>
    navigate(address.skill(skill.id, 'history', id === undefined ? {} : { version: id }))
  const compare = (left: string | undefined, right: string) =>
    navigate(address.skill(skill.id, 'compare', { ...(left !== undefined && { left: `version:${left}` }), right }))
  const pick = (row: VersionRow) => {
    if (picked.includes(row.id)) return setPicked(picked.filter(id => id !== row.id))
    const [other] = picked.length === 2 ? [] : picked
    if (other === undefined) return setPicked([row.id])
    setPicked([])
    const [older, newer] = indexOf(rows, other) > indexOf(rows, row.id) ? [other, row.id] : [row.id, other]
    compare(older, `version:${newer}`)
  }
  /** In the picture the second one waits for a button; a third starts over. */
  const pickInPicture = (id: string) =>
    setPicked(picked.includes(id) ? picked.filter(each => each !== id) : picked.length === 2 ? [id] : [...picked, id])
  useEffect(() => {
    if (shown === null) list.current?.querySelector<HTMLElement>('[data-version]')?.focus({ preventScroll: true })
  }, [shown])

  if (versions.error && rows.length === 0)
    return <ErrorNotice happened={sayError(versions.error)} todo="Reload to try again." />
  if (versions.isPending) return null
  if (rows.length === 0)
    return (
      <Empty title="No version yet">
        What is being edited becomes version 1 when you save it. Versions never change and are never lost.
      </Empty>
    )
  const edit = () => navigate(address.skill(skill.id))
  if (shown !== null)
    return (
      <VersionView
        id={shown}
        {...{ skill, working, rows }}
        onBack={() => open(undefined)}
        onEdit={edit}
        onCompare={compare}
      />
    )
  return (
    <>
      <DivergenceStrip rows={rows} />
      <HistoryPicture
        skillId={skill.id}
        rows={rows}
        picked={picked}
        onPick={pickInPicture}
        onOpen={open}
        onCompare={(left, right) => compare(left, `version:${right}`)}
      />
      <div className={classes.history}>
        <p className={classes.hint} role="status">
          {picked.length === 1
            ? 'Pick a second version to compare the two.'
            : 'Enter compares a version with the one before it. Pick two with Space to compare them.'}
        </p>
        <ol className={classes.list} ref={list} aria-label="Versions, newest first">
          {rows.slice(0, laidOut).map((row, index) => (
            <VersionItem
              key={row.id}
              row={row}
              before={parentOf(rows, row)}
              newest={index === 0}
              now={now}
              skill={skill}
              working={working}
              picked={picked.includes(row.id)}
              apart={heads.length > 1 && heads.includes(row)}
              focusable={index === at}
              onFocus={() => setAt(index)}
              onMove={step => focus(index + step)}
              onEdge={end => focus(end ? rows.length - 1 : 0)}
              onPick={() => pick(row)}
              onOpen={() => open(row.id)}
              onEdit={edit}
              onCompare={compare}
            />
          ))}
        </ol>
        <div ref={end} />
      </div>
    </>
  )
}

const indexOf = (rows: readonly VersionRow[], id: string): number => rows.findIndex(row => row.id === id)
