import { useQuery } from '@tanstack/react-query'
import type { CompareSide, Comparison } from '../../shared/contract/compare.ts'
import type { FileContent } from '../../shared/contract/files.ts'
import { query, sayError } from '../api.ts'
import { Picture } from '../editor/file-card.tsx'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { bytes } from '../ui/format.ts'
import classes from './compare.module.css'
import { TextDiff } from './text/text-diff.tsx'

type Change = Comparison['changes'][number]
type Props = {
  change: Change
  left: CompareSide
  right: CompareSide
  names: { left: string; right: string }
  mode: 'side' | 'inline'
  onMode: (mode: 'side' | 'inline') => void
}

/** One file on both sides: its text, or what it is where it is not text. */
export function FileComparison({ change, left, right, names, mode, onMode }: Props) {
  const leftPath = change.fromPath ?? change.path
  const before = useFile(left, change.left && { ...change.left, path: leftPath })
  const after = useFile(right, change.right)
  const error = before.error ?? after.error
  if (error) return <ErrorNotice happened={sayError(error)} todo="Other files can still be compared." />
  if (before.waiting || after.waiting) return null
  if (isText(before.file) && isText(after.file))
    return (
      <TextDiff
        path={change.path}
        left={{ name: names.left, text: before.file?.text }}
        right={{ name: names.right, text: after.file?.text }}
        mode={mode}
        onMode={onMode}
      />
    )
  return (
    <div className={classes.binaries}>
      <Side name={names.left} side={left} path={leftPath} file={before.file} />
      <Side name={names.right} side={right} path={change.path} file={after.file} />
    </div>
  )
}

type Text = Extract<FileContent, { kind: 'text' }>
const isText = (file: FileContent | undefined): file is Text | undefined => file === undefined || file.kind === 'text'

function useFile(side: CompareSide, entry: Change['right']) {
  const { of } = side
  const options = query.files.read.queryOptions({
    input: { of, path: entry?.path ?? '' },
    enabled: entry !== undefined,
  })
  // A folder on disk changes unannounced: its files are known by what is in them.
  const key = of.kind === 'folder' ? { queryKey: [...options.queryKey, entry?.sha256] } : {}
  const file = useQuery({ ...options, ...key })
  return {
    file: entry === undefined ? undefined : file.data,
    error: file.error,
    waiting: entry !== undefined && file.isPending,
  }
}

type SideProps = { name: string; side: CompareSide; path: string; file: FileContent | undefined }

function Side({ name, side, path, file }: SideProps) {
  if (!file) return <div className={classes.binary}>Not in {name}.</div>
  const type = file.kind === 'text' ? 'text' : file.mediaType
  return (
    <div className={classes.binary}>
      <p>
        {name}: {type}, {bytes(file.size)}
      </p>
      <p className={classes.dim}>SHA-256 {file.sha256}</p>
      {file.kind !== 'text' && file.mediaType.startsWith('image/') && (
        <Picture of={side.of} path={path} sha256={file.sha256} mediaType={file.mediaType} />
      )}
    </div>
  )
}
