import { Loader, SegmentedControl } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import type { CompareSide, Comparison } from '../../shared/contract/compare.ts'
import type { FileContent } from '../../shared/contract/files.ts'
import { query, sayError } from '../api.ts'
import { readWhole } from '../editor/file-card.tsx'
import { ErrorNotice } from '../ui/error-notice.tsx'
import { bytes, signed } from '../ui/format.ts'
import classes from './compare.module.css'
import { copyPatch } from './copy-patch.ts'
import { PicturePair } from './files/picture-pair.tsx'
import { pictureType } from './files/picture-type.ts'
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

/** One file on both sides: its text, its picture, or what it is where it is neither. */
export function FileComparison({ change, left, right, names, mode, onMode }: Props) {
  const leftPath = change.fromPath ?? change.path
  const before = useFile(left, change.left && { ...change.left, path: leftPath })
  const after = useFile(right, change.right)
  const [as, setAs] = useState<'picture' | 'text'>('picture')
  const error = before.error ?? after.error
  if (error) return <ErrorNotice happened={sayError(error)} todo="Other files can still be compared." />
  if (before.waiting || after.waiting) return null
  const type = pictureType(change.path)
  const [a, b] = [before.file, after.file]
  if (isText(a) && isText(b)) {
    const text = (
      <TextDiff
        path={change.path}
        left={{ name: names.left, text: a?.text }}
        right={{ name: names.right, text: b?.text }}
        mode={mode}
        onMode={onMode}
        onCopy={() => void copyPatch({ kind: 'files', files: [{ change, a: a?.text, b: b?.text }] })}
      />
    )
    if (type === undefined) return text
    return (
      <div className={classes.stacked}>
        <SegmentedControl
          className={classes.as}
          aria-label="What is compared"
          data={[
            { value: 'picture', label: 'Picture' },
            { value: 'text', label: 'Text' },
          ]}
          value={as}
          onChange={value => setAs(value === 'text' ? 'text' : 'picture')}
        />
        {as === 'text' ? text : <TextPictures type={type} path={change.path} names={names} before={a} after={b} />}
      </div>
    )
  }
  if (type !== undefined && isSmall(before.file) && isSmall(after.file))
    return <StoredPictures type={type} change={change} left={left} right={right} names={names} />
  return (
    <div className={classes.binaries}>
      <Side name={names.left} file={before.file} other={after.file} />
      <Side name={names.right} file={after.file} other={before.file} />
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

const PICTURE_BYTES = 20_000_000
const isSmall = (file: FileContent | undefined): boolean => file === undefined || file.size <= PICTURE_BYTES

type TextPicturesProps = {
  type: string
  path: string
  names: Props['names']
  before: Text | undefined
  after: Text | undefined
}

/** Pictures that are text: SVG. */
function TextPictures({ type, path, names, before, after }: TextPicturesProps) {
  const [left, right] = [before?.text, after?.text]
  const leftBlob = useMemo(() => (left === undefined ? undefined : new Blob([left], { type })), [left, type])
  const rightBlob = useMemo(() => (right === undefined ? undefined : new Blob([right], { type })), [right, type])
  return (
    <PicturePair
      path={path}
      left={{ name: names.left, blob: leftBlob }}
      right={{ name: names.right, blob: rightBlob }}
    />
  )
}

type StoredPicturesProps = Pick<Props, 'change' | 'left' | 'right' | 'names'> & { type: string }

function StoredPictures({ type, change, left, right, names }: StoredPicturesProps) {
  const before = useBlob(left, change.left && { ...change.left, path: change.fromPath ?? change.path }, type)
  const after = useBlob(right, change.right, type)
  const error = before.error ?? after.error
  if (error) return <ErrorNotice happened={sayError(error)} todo="Other files can still be compared." />
  if (before.waiting || after.waiting) return <Loader size={16} m={16} aria-label="Reading the pictures" />
  return (
    <PicturePair
      path={change.path}
      left={{ name: names.left, blob: before.blob }}
      right={{ name: names.right, blob: after.blob }}
    />
  )
}

function useBlob(side: CompareSide, entry: Change['right'], type: string) {
  const read = useQuery({
    queryKey: ['picture blob', entry?.sha256, type],
    queryFn: async () => new Blob([await readWhole(side.of, entry?.path ?? '')], { type }),
    enabled: entry !== undefined,
  })
  return {
    blob: entry === undefined ? undefined : read.data,
    error: read.error,
    waiting: entry !== undefined && read.isPending,
  }
}

type SideProps = { name: string; file: FileContent | undefined; other: FileContent | undefined }

function Side({ name, file, other }: SideProps) {
  if (!file) return <div className={classes.binary}>Not in {name}.</div>
  const type = file.kind === 'text' ? 'text' : WORDS[file.kind]
  return (
    <div className={classes.binary} data-testid="not-compared-as-text">
      <p>
        {name}: {type}, {bytes(file.size)}
        {other && other.size !== file.size && ` (${signed(file.size - other.size, bytes)})`}
      </p>
      <p className={classes.dim}>
        {file.kind !== 'text' && `${file.mediaType} · `}SHA-256 {file.sha256}
      </p>
    </div>
  )
}

const WORDS = {
  binary: 'not text',
  'not-utf8': 'text, but not UTF-8',
  'too-large': 'too large to compare as text',
} as const
