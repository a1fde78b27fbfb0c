import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useState } from 'react'
import { count, formatNumber } from '../ui/format.ts'
import classes from './editor.module.css'
import { type PreviewInput, previewDocument } from './markdown.ts'
import type { PreviewBlocks } from './preview-blocks.ts'

type Props = Omit<PreviewInput, 'scheme'> & { label: string }
type Frame = { id: number; document: string }

/**
 * Markdown as a person reads it, in a frame without scripts, network or an origin. A new text is laid out in a second frame
 * behind the one in sight, which it replaces when it is ready, so that nothing flickers while somebody types. A frame is
 * never given another document: it would start over in plain sight.
 */
export function Preview({ label, parts, line, imageOf }: Props) {
  const scheme = useComputedColorScheme('light')
  const [frames, setFrames] = useState<readonly Frame[]>([])
  const [notes, setNotes] = useState('')

  useEffect(() => {
    let wanted = true
    void previewDocument({ parts, line, imageOf, scheme }, () => wanted).then(next => {
      if (!wanted || next === undefined) return
      setNotes(notesOf(parts, next.unmarked))
      setFrames(was => {
        const last = was.at(-1)
        if (last?.document === next.html) return was
        // The first one stays in sight until the newest is ready; what came between was never shown.
        return [...was.slice(0, 1), { id: (last?.id ?? 0) + 1, document: next.html }]
      })
    })
    return () => {
      wanted = false
    }
  }, [parts, line, imageOf, scheme])

  return (
    <div className={classes.view}>
      {notes !== '' && (
        <p className={classes.note} role="status">
          {notes}
        </p>
      )}
      <div className={classes.frame}>
        {frames.map((frame, index) => (
          <iframe
            key={frame.id}
            title={label}
            sandbox=""
            srcDoc={frame.document}
            data-front={index === 0}
            aria-hidden={index > 0}
            onLoad={() => setFrames(was => (was.at(-1)?.id === frame.id ? was.slice(-1) : was))}
          />
        ))}
      </div>
    </div>
  )
}

function notesOf({ plain, cutAt }: PreviewBlocks, unmarked: number): string {
  const notes = [
    plain && 'Some parts are shown as plain text: they are too long to preview.',
    cutAt !== undefined && `Preview shows the text up to line ${formatNumber(cutAt - 1)}.`,
    unmarked > 0 && `${count(unmarked, 'hidden character')} more not marked.`,
  ]
  return notes.filter(note => note !== false).join(' ')
}
