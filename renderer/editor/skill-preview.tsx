import { useQueries } from '@tanstack/react-query'
import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { ContentRef } from '../../shared/contract/base.ts'
import { api } from '../api.ts'
import { budgetedWorker } from '../ui/budgeted-worker.ts'
import { CodeView } from './code-view.tsx'
import classes from './editor.module.css'
import { Preview } from './preview.tsx'
import { PREVIEW_LIMIT, type PreviewBlocks, type PreviewRequest } from './preview-blocks.ts'

type Props = {
  of: ContentRef
  files: readonly { path: string; sha256: string; size: number }[]
  path: string
  text: string
  /** The line of the file that a person is at, so that the preview is at the same place. */
  line?: number
}

const PICTURE_BYTES = 2_000_000
const TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
}

/** A usual text is rendered in some milliseconds. */
const BUDGET_MS = 1_500
const rendering = budgetedWorker<PreviewRequest, PreviewBlocks>(
  () => new Worker(new URL('./preview-worker.ts', import.meta.url), { type: 'module', name: 'preview' }),
  BUDGET_MS,
)

type Rendered = { path: string; text: string; line: number | undefined; parts: PreviewBlocks | undefined }

/** The preview of one Markdown file of a skill, with the pictures that lie in the skill's own folder. */
export function SkillPreview({ of, files, path, text, line }: Props) {
  // The list of files is new after each save; the pictures among them seldom are.
  const names = files
    .filter(isSmallPicture)
    .map(file => file.path)
    .join('\n')
  const pictures = useMemo(() => (names === '' ? NONE : names.split('\n')), [names])
  const [rendered, setRendered] = useState<Rendered>()
  const tooLong = text.length > PREVIEW_LIMIT
  // A place is only taken when the text changes: moving the cursor alone must not lay the preview out again.
  const place = useRef(line)
  place.current = line
  useEffect(() => {
    if (tooLong) return
    let wanted = true
    const at = place.current
    void rendering.run({ path, text, pictures }).then(outcome => {
      if (!wanted || outcome.kind === 'superseded') return
      setRendered({ path, text, line: at, parts: outcome.kind === 'done' ? outcome.answer : undefined })
    })
    return () => {
      wanted = false
    }
  }, [path, text, pictures, tooLong])
  const shown = rendered?.path === path ? rendered : undefined
  const imageOf = useImages(of, files, path, shown?.parts?.wanted ?? NONE)
  if (tooLong) return <Plain path={path} text={text} because="this file is too long to preview" />
  if (!shown) return null
  if (!shown.parts) return <Plain path={path} text={shown.text} because="rendering it takes too long" />
  return <Preview label={`Preview of ${path}`} parts={shown.parts} line={shown.line} imageOf={imageOf} />
}

const NONE: readonly string[] = []

function Plain({ path, text, because }: { path: string; text: string; because: string }) {
  return (
    <div className={classes.view} data-testid="plain-preview">
      <CodeView path={path} text={text} note={`Shown as plain text: ${because}.`} />
    </div>
  )
}

const isSmallPicture = (file: { path: string; size: number }): boolean =>
  typeOf(file.path) !== undefined && file.size <= PICTURE_BYTES

function useImages(
  of: ContentRef,
  files: Props['files'],
  path: string,
  paths: readonly string[],
): (source: string) => string | undefined {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const wanted = paths.length === 0 ? [] : files.filter(file => paths.includes(file.path))
  const loaded = useQueries({
    queries: wanted.map(file => ({
      queryKey: ['picture-base64', file.sha256],
      queryFn: async () => (await api.files.bytes({ of, path: file.path })).base64,
    })),
  })
  const images = new Map<string, string>()
  for (const [index, file] of wanted.entries()) {
    const base64 = loaded[index]?.data
    if (base64 !== undefined) images.set(file.path, `data:${typeOf(file.path)};base64,${base64}`)
  }
  const key = [...images.keys()].join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: the map is new with each rendering; its paths say when it differs
  return useCallback((source: string) => images.get(resolve(folder, source)), [key, folder])
}

const typeOf = (path: string): string | undefined => TYPES[path.slice(path.lastIndexOf('.') + 1).toLowerCase()]

function resolve(folder: string, source: string): string {
  const parts: string[] = []
  for (const part of `${folder}${source}`.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.' && part !== '') parts.push(part)
  }
  return parts.join('/')
}
