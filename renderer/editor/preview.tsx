import { useComputedColorScheme } from '@mantine/core'
import { useEffect, useState } from 'react'
import classes from './editor.module.css'
import { PREVIEW_LIMIT, type PreviewInput, previewDocument } from './markdown.ts'

type Props = Omit<PreviewInput, 'scheme'> & { label: string }

/**
 * Markdown as a person reads it, in a frame without scripts, network or an origin. A new text is laid out in a second frame
 * behind the one in sight and comes to the front when it is ready, so that nothing flickers while somebody types.
 */
export function Preview({ label, ...input }: Props) {
  const scheme = useComputedColorScheme('light')
  const { fields, body, bodyLine, line, imageOf } = input
  const [frames, setFrames] = useState<{ front: number; documents: [string, string] }>({
    front: 0,
    documents: ['', ''],
  })

  useEffect(() => {
    if (body.length > PREVIEW_LIMIT) return
    const next = previewDocument({ fields, body, bodyLine, line, imageOf, scheme })
    setFrames(was => {
      if (was.documents[was.front] === next) return was
      const back = was.front === 0 ? 1 : 0
      return { ...was, documents: back === 0 ? [next, was.documents[1]] : [was.documents[0], next] }
    })
  }, [fields, body, bodyLine, line, imageOf, scheme])

  if (body.length > PREVIEW_LIMIT)
    return <p className={classes.card}>This text is too long for a preview. It can be read as it is written.</p>
  return (
    <div className={classes.frame}>
      {([0, 1] as const).map(index => (
        <iframe
          key={index}
          title={label}
          sandbox=""
          srcDoc={frames.documents[index]}
          data-front={frames.front === index}
          aria-hidden={frames.front !== index}
          tabIndex={frames.front === index ? 0 : -1}
          onLoad={() => {
            if (frames.documents[index] !== '') setFrames(was => ({ ...was, front: index }))
          }}
        />
      ))}
    </div>
  )
}
