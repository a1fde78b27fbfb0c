import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useState } from 'react'
import classes from './editor.module.css'
import { PREVIEW_LIMIT, type PreviewInput, previewDocument } from './markdown.ts'

type Props = Omit<PreviewInput, 'scheme'> & { label: string }
type Frame = { id: number; document: string }

/**
 * Markdown as a person reads it, in a frame without scripts, network or an origin. A new text is laid out in a second frame
 * behind the one in sight, which it replaces when it is ready, so that nothing flickers while somebody types. A frame is
 * never given another document: it would start over in plain sight.
 */
export function Preview({ label, ...input }: Props) {
  const scheme = useComputedColorScheme('light')
  const { fields, body, bodyLine, line, imageOf } = input
  const [frames, setFrames] = useState<readonly Frame[]>([])

  useEffect(() => {
    if (body.length > PREVIEW_LIMIT) return
    const next = previewDocument({ fields, body, bodyLine, line, imageOf, scheme })
    setFrames(was => {
      const last = was.at(-1)
      if (last?.document === next) return was
      // The first one stays in sight until the newest is ready; what came between was never shown.
      return [...was.slice(0, 1), { id: (last?.id ?? 0) + 1, document: next }]
    })
  }, [fields, body, bodyLine, line, imageOf, scheme])

  if (body.length > PREVIEW_LIMIT)
    return <p className={classes.card}>This text is too long for a preview. It can be read as it is written.</p>
  return (
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
  )
}
