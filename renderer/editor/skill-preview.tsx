import { useQueries } from '@tanstack/react-query'
import { useCallback, useMemo, useRef } from 'react'
import type { ContentRef } from '../../shared/contract/base.ts'
import { isSkillMd } from '../../shared/domain/bundle.ts'
import { parseSkillMd } from '../../shared/domain/skill-md.ts'
import { api } from '../api.ts'
import { Preview } from './preview.tsx'

type Props = {
  of: ContentRef
  files: readonly { path: string; sha256: string; size: number }[]
  path: string
  text: string
  /** The line of the file that a person is at, so that the preview is at the same place. */
  line?: number
}

const PICTURE_BYTES = 2_000_000
const PICTURES = 30
const TYPES: Record<string, string> = {
  png: 'image/png',
  jpg: 'image/jpeg',
  jpeg: 'image/jpeg',
  gif: 'image/gif',
  webp: 'image/webp',
  svg: 'image/svg+xml',
}

/** The preview of one Markdown file of a skill, with the pictures that lie in the skill's own folder. */
export function SkillPreview({ of, files, path, text, line }: Props) {
  const parsed = useMemo(() => parseSkillMd(text), [text])
  const fields = useMemo(
    () =>
      isSkillMd(path) || parsed.frontmatter
        ? parsed.fields.map(field => ({
            key: field.key,
            value: typeof field.value === 'string' ? field.value : field.source,
          }))
        : [],
    [parsed, path],
  )
  // A place is only taken when the text changes: moving the cursor alone must not lay the preview out again.
  const place = useRef<{ text: string; line: number | undefined }>({ text, line })
  if (place.current.text !== text) place.current = { text, line }
  const imageOf = useImages(of, files, path, parsed.body)
  return (
    <Preview
      label={`Preview of ${path}`}
      fields={fields}
      body={parsed.body}
      bodyLine={text.slice(0, parsed.bodyFrom).split('\n').length - 1}
      line={place.current.line}
      imageOf={imageOf}
    />
  )
}

function useImages(
  of: ContentRef,
  files: Props['files'],
  path: string,
  body: string,
): (source: string) => string | undefined {
  const folder = path.slice(0, path.lastIndexOf('/') + 1)
  const wanted = files
    .filter(file => typeOf(file.path) !== undefined && file.size <= PICTURE_BYTES)
    .filter(file => body.includes(file.path.slice(file.path.lastIndexOf('/') + 1)))
    .slice(0, PICTURES)
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
