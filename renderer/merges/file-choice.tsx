import { Radio } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useRef } from 'react'
import type { ManifestEntry } from '../../shared/domain/bundle.ts'
import { query, sayError } from '../api.ts'
import { CodeView } from '../editor/code-view.tsx'
import { Picture } from '../editor/file-card.tsx'
import { bytes } from '../ui/format.ts'
import classes from './merges.module.css'
import type { Names } from './names.ts'
import type { Prepared, Target } from './plan.ts'
import type { Side } from './settling.ts'

type File = Prepared['files'][number]
type Props = {
  prepared: Prepared
  file: File
  names: Names
  chosen: Side | undefined
  onChoose: (side: Side) => void
  target: Target | undefined
  /** The person is here. */
  onArrive: () => void
}

/** A file that has no lines to merge, or that one side removed and the other changed: one of the two as a whole. */
export function FileChoice({ prepared, file, names, chosen, onChoose, target, onArrive }: Props) {
  const section = useRef<HTMLElement>(null)
  useEffect(() => {
    if (target?.path === file.path) section.current?.focus()
  }, [target, file.path])
  const name = `choice ${file.path}`
  return (
    <section
      className={classes.merge}
      ref={section}
      tabIndex={-1}
      onFocus={onArrive}
      aria-label={`${file.path}: choose one`}
    >
      <div className={classes.bar}>
        <h2>{file.path}</h2>
        <span className={classes.facts}>{sayWhy(prepared, file, names)}</span>
      </div>
      <Radio.Group
        name={name}
        aria-label={`Which ${file.path}?`}
        value={chosen ?? null}
        onChange={value => onChoose(value === 'left' ? 'left' : 'right')}
        className={classes.cards}
      >
        {(['left', 'right'] as const).map(side => (
          <div key={side} className={classes.card} data-chosen={chosen === side}>
            <Radio value={side} label={sayTaking(names[side], file[side])} description={sayFacts(file[side])} />
            {file[side] && <Preview versionId={prepared[side].id} path={file[side].path} />}
          </div>
        ))}
      </Radio.Group>
    </section>
  )
}

const sayTaking = (name: string, entry: ManifestEntry | null): string =>
  entry ? `Take ${name}’s` : `Leave it out, as ${name} does`

const sayFacts = (entry: ManifestEntry | null): string =>
  entry ? `${bytes(entry.size)}${entry.executable ? ', executable' : ''}` : ''

function sayWhy({ base }: Prepared, file: File, names: Names): string {
  const { left, right } = file
  if (!left || !right) {
    const [lacks, has] = left ? [names.right, names.left] : [names.left, names.right]
    if (!file.base || !base) return `only ${has} has it`
    const renamed = (left ?? right)?.path !== file.base.path
    return renamed
      ? `${lacks} removed it, ${has} renamed it from ${file.base.path}`
      : `${lacks} removed it, ${has} changed it`
  }
  if (left.path !== file.path && right.path !== file.path)
    return `${names.left} renamed it to ${left.path}, ${names.right} to ${right.path}`
  return file.base
    ? 'both changed it, and it has no lines that could be merged'
    : 'both have one, and it has no lines that could be merged'
}

function Preview({ versionId, path }: { versionId: string; path: string }) {
  const of = { kind: 'version' as const, id: versionId }
  const file = useQuery(query.files.read.queryOptions({ input: { of, path } }))
  if (file.error) return <p className={classes.facts}>It cannot be shown: {sayError(file.error)}</p>
  if (!file.data) return null
  if (file.data.kind === 'text')
    return (
      <div className={classes.preview}>
        <CodeView path={path} text={file.data.text} />
      </div>
    )
  const { mediaType, sha256 } = file.data
  return (
    <>
      <p className={classes.facts}>{mediaType}</p>
      {mediaType.startsWith('image/') && <Picture of={of} path={path} sha256={sha256} mediaType={mediaType} />}
    </>
  )
}
