import { Button, Loader } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useEffect, useState } from 'react'
import type { ContentRef } from '../../shared/contract/base.ts'
import type { FileContent } from '../../shared/contract/files.ts'
import { api } from '../api.ts'
import { bytes } from '../ui/format.ts'
import { tellError } from '../ui/tell.ts'
import classes from './editor.module.css'

type NotText = Exclude<FileContent, { kind: 'text' }>
type Props = { of: ContentRef; path: string; file: NotText }

const WORDS: Record<NotText['kind'], string> = {
  binary: 'This file is not text, so it is kept as it is.',
  'not-utf8':
    'This file is text of another encoding than UTF-8, which agents expect. It is kept byte for byte and cannot be edited here.',
  'too-large': 'This file is too large to be shown as text. It is kept as it is.',
}

/** A file that is not shown as text: what it is, a picture where it is one, and its bytes to take away. */
export function FileCard({ of, path, file }: Props) {
  return (
    <div className={classes.card}>
      <p>{WORDS[file.kind]}</p>
      <p className={classes.facts}>
        {file.mediaType} · {bytes(file.size)}
        {file.executable && ' · executable'}
        <br />
        SHA-256 {file.sha256}
      </p>
      {isPicture(file) && <Picture of={of} path={path} sha256={file.sha256} mediaType={file.mediaType} />}
      <Button variant="default" onClick={() => void download(of, path).catch(error => tellError(error))}>
        Save a copy…
      </Button>
    </div>
  )
}

const PICTURE_BYTES = 20_000_000
const isPicture = (file: NotText): boolean => file.mediaType.startsWith('image/') && file.size <= PICTURE_BYTES

/** A picture of the bundle. SVG too: an image element runs none of its scripts and loads nothing it names. */
export function Picture({
  of,
  path,
  sha256,
  mediaType,
}: {
  of: ContentRef
  path: string
  sha256: string
  mediaType: string
}) {
  const picture = useQuery({
    queryKey: ['picture', sha256],
    queryFn: () => readWhole(of, path),
    staleTime: Number.POSITIVE_INFINITY,
  })
  const url = useObjectUrl(picture.data, mediaType)
  if (picture.error) return <p className={classes.facts}>The picture could not be read.</p>
  if (url === undefined) return <Loader size={16} aria-label="Reading the picture" />
  return <img className={classes.image} src={url} alt={path} />
}

function useObjectUrl(data: Uint8Array<ArrayBuffer> | undefined, mediaType: string): string | undefined {
  const [url, setUrl] = useState<string>()
  useEffect(() => {
    if (!data) return
    const made = URL.createObjectURL(new Blob([data], { type: mediaType }))
    setUrl(made)
    return () => URL.revokeObjectURL(made)
  }, [data, mediaType])
  return url
}

/** All bytes of a file, page by page. */
export async function readWhole(of: ContentRef, path: string): Promise<Uint8Array<ArrayBuffer>> {
  const pages: Uint8Array<ArrayBuffer>[] = []
  let offset = 0
  for (;;) {
    const page = await api.files.bytes({ of, path, offset })
    const part = fromBase64(page.base64)
    pages.push(part)
    offset += part.length
    if (part.length === 0 || offset >= page.size) break
  }
  const whole = new Uint8Array(offset)
  let at = 0
  for (const part of pages) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

export const fromBase64 = (text: string): Uint8Array<ArrayBuffer> => Uint8Array.from(atob(text), c => c.charCodeAt(0))

async function download(of: ContentRef, path: string): Promise<void> {
  offer(await readWhole(of, path), path.slice(path.lastIndexOf('/') + 1))
}

/** Hands bytes to the person as a download. */
export function offer(data: Uint8Array<ArrayBuffer>, name: string): void {
  const url = URL.createObjectURL(new Blob([data]))
  const link = document.createElement('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
