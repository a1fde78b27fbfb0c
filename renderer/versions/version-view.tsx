import { Anchor, Button, SegmentedControl } from '@mantine/core'
import { IconArrowLeft } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useLocation, useSearch } from 'wouter'
import type { SkillDetail } from '../../shared/contract/skills.ts'
import type { VersionDetail, VersionRow } from '../../shared/contract/versions.ts'
import type { WorkingCopy } from '../../shared/contract/working-copies.ts'
import { findSkillMd } from '../../shared/domain/bundle.ts'
import { isExpected, query, sayError } from '../api.ts'
import { CodeView } from '../editor/code-view.tsx'
import { FileCard } from '../editor/file-card.tsx'
import { SkillPreview } from '../editor/skill-preview.tsx'
import { address } from '../routes.ts'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { partsOf } from '../ui/error-parts.ts'
import { bytes, compact } from '../ui/format.ts'
import { IconAction } from '../ui/icon-action.tsx'
import { sayClaim } from '../ui/version-claim.ts'
import { versionName } from '../ui/version-name.ts'
import { when } from '../ui/when.ts'
import { Blame } from './blame/blame.tsx'
import { Bringing } from './bringing.tsx'
import classes from './history.module.css'
import { parentOf } from './parent-of.ts'
import { VersionMenu } from './version-item.tsx'

type Props = {
  id: string
  skill: SkillDetail
  working: WorkingCopy
  rows: readonly VersionRow[]
  onBack: () => void
  /** The working copy holds this version now. */
  onEdit: () => void
  onCompare: (left: string | undefined, right: string) => void
}

/** As a person reads it, as it is written, or line by line with the version that brought it. */
const WAYS = [
  { value: 'read', label: 'Read' },
  { value: 'text', label: 'Text' },
  { value: 'blame', label: 'Blame' },
] as const
type Way = (typeof WAYS)[number]['value']
const readWay = (text: string | null): Way => WAYS.find(way => way.value === text)?.value ?? 'read'

/** One version as it was saved: its message, its files, to read. Which file, and how, is in the address. */
export function VersionView({ id, skill, working, rows, onBack, onEdit, onCompare }: Props) {
  const version = useQuery(query.versions.get.queryOptions({ input: { id } }))
  const [, navigate] = useLocation()
  const params = new URLSearchParams(useSearch())
  const path = params.get('path') ?? undefined
  const way = readWay(params.get('as'))
  const show = (next: { version?: string; path?: string | undefined; way?: Way }, replace = false) => {
    const { version: shown, path: file, way: as } = { version: id, path, way, ...next }
    const more = { ...(file !== undefined && { path: file }), ...(as !== 'read' && { as }) }
    navigate(address.skill(skill.id, 'history', { version: shown, ...more }), { replace })
  }
  if (version.error)
    return (
      <ErrorNotice
        {...partsOf(version.error)}
        remedies={[
          ...(isExpected(version.error) && version.error.code === 'CONTENT_ELSEWHERE'
            ? [{ label: 'Try again', run: () => void version.refetch(), loading: version.isFetching }]
            : []),
          { label: 'Back to the history', run: onBack },
        ]}
      />
    )
  const at = rows.findIndex(row => row.id === id)
  const row = rows[at]
  if (!version.data) return row?.elsewhere ? <Bringing row={row} tenantId={skill.tenantId} onBack={onBack} /> : null
  const { data } = version
  const [older, newer] = [row && parentOf(rows, row), rows[at - 1]]
  const open = data.files.find(file => file.path === path) ?? findSkillMd(data.files) ?? data.files[0]
  return (
    <div className={classes.version}>
      <div className={classes.bar}>
        <IconAction name="Back to the history" onClick={onBack}>
          <IconArrowLeft size={18} stroke={1.5} />
        </IconAction>
        <h2>{versionName(data)}</h2>
        <span className={classes.who}>
          {data.author.name} · {when(data.createdAt)}
          {data.claimed !== null && ` · ${sayClaim(data)}`}
          {data.sourceRef !== null && ` · ${shortRef(data.sourceRef)}`} · ≈ always {compact(data.tokens.always)} ·
          trigger {compact(data.tokens.onTrigger)} · on demand {compact(data.tokens.onDemand)}
        </span>
        {older && (
          <Button variant="default" onClick={() => onCompare(older.id, `version:${id}`)}>
            Compare with {versionName(older)}
          </Button>
        )}
        <Button variant="default" disabled={!older} onClick={() => older && show({ version: older.id })}>
          Older
        </Button>
        <Button variant="default" disabled={!newer} onClick={() => newer && show({ version: newer.id })}>
          Newer
        </Button>
        <SegmentedControl
          aria-label="How the file is shown"
          data={[...WAYS]}
          value={way}
          onChange={value => show({ way: readWay(value) }, true)}
        />
        {row && <VersionMenu {...{ row, newest: at === 0, skill, working, onEdit, onCompare }} />}
      </div>
      {data.message !== '' && <p className={classes.whole}>{data.message}</p>}
      <div className={classes.columns}>
        <nav aria-label={`Files of ${versionName(data)}`} className={classes.files}>
          <ul>
            {data.files.map(file => (
              <li key={file.path}>
                <Anchor
                  component="button"
                  type="button"
                  aria-current={file.path === open?.path ? 'true' : undefined}
                  onClick={() => show({ path: file.path }, true)}
                >
                  {file.path}
                </Anchor>
                <span>{bytes(file.size)}</span>
              </li>
            ))}
          </ul>
        </nav>
        <div className={classes.content}>{open && <VersionFile version={data} path={open.path} way={way} />}</div>
      </div>
    </div>
  )
}

/** A commit by its first digits, as git itself writes it. */
const shortRef = (ref: string): string => (/^[0-9a-f]{40,64}$/.test(ref) ? `commit ${ref.slice(0, 8)}` : ref)

type FileProps = { version: VersionDetail; path: string; way: Way }

function VersionFile({ version, path, way }: FileProps) {
  const of = { kind: 'version' as const, id: version.id }
  const file = useQuery(query.files.read.queryOptions({ input: { of, path } }))
  if (file.error)
    return <ErrorNotice happened={sayError(file.error)} kept="The other files of this version can be read." />
  if (!file.data) return null
  if (file.data.kind !== 'text') return <FileCard of={of} path={path} file={file.data} />
  const { text } = file.data
  if (way === 'blame') return <Blame skillId={version.skillId} versionId={version.id} path={path} text={text} />
  if (way === 'read' && /\.(md|markdown)$/i.test(path))
    return <SkillPreview of={of} files={version.files} path={path} text={text} />
  return <CodeView path={path} text={text} />
}
