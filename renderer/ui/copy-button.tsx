import { Button, type ButtonProps } from '@mantine/core'
import { useState } from 'react'
import { copyText } from './copy-text.ts'

type Props = ButtonProps & { text: string; label: string }

/** Copies a text and says that it did. */
export function CopyTextButton({ text, label, ...rest }: Props) {
  const [copied, setCopied] = useState<boolean>()
  const copy = async () => setCopied(await copyText(text))
  return (
    <Button variant="subtle" {...rest} onClick={() => void copy()} onBlur={() => setCopied(undefined)}>
      {copied === undefined ? label : copied ? 'Copied' : 'It could not be copied'}
    </Button>
  )
}
