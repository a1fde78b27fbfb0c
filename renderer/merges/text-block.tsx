import { memo, useState } from 'react'
import { count } from '../ui/format.ts'
import { type Block, type From, foldOf } from './blocks.ts'
import type { Names } from './names.ts'
import classes from './text.module.css'

type Props = { block: Exclude<Block, { kind: 'conflict' }>; names: Names; first: boolean; last: boolean }

/** Lines that settled themselves, with where they come from; unchanged ones folded. */
export const TextBlock = memo(function TextBlock({ block, names, first, last }: Props) {
  if (block.kind === 'removed')
    return (
      <div className={classes.taken} data-from={block.from}>
        <span className={classes.origin}>{originOf(block.from, names)}</span>
        <span className={classes.removed}>lines removed here</span>
      </div>
    )
  if (block.kind === 'mixed')
    return (
      <div className={classes.taken} data-from="mixed">
        <span className={classes.origin} title="Put together word by word">
          {names.left} + {names.right}
        </span>
        <pre>
          {block.segments.map((segment, at) => (
            // Segments have no name but their place.
            // biome-ignore lint/suspicious/noArrayIndexKey: as above
            <span key={at} className={classes.segment} data-from={segment.from} title={titleOf(segment.from, names)}>
              {segment.text}
            </span>
          ))}
        </pre>
      </div>
    )
  if (block.from === 'same') return <Unchanged block={block} first={first} last={last} />
  return (
    <div className={classes.taken} data-from={block.from}>
      <span className={classes.origin}>{originOf(block.from, names)}</span>
      <pre>{block.text}</pre>
    </div>
  )
})

const originOf = (from: From, names: Names): string =>
  from === 'left' ? names.left : from === 'right' ? names.right : from === 'both' ? 'both sides' : ''
const titleOf = (from: From, names: Names): string | undefined =>
  from === 'same' ? undefined : `from ${originOf(from, names)}`

type UnchangedProps = { block: Extract<Block, { kind: 'lines' }>; first: boolean; last: boolean }

function Unchanged({ block, first, last }: UnchangedProps) {
  const [whole, setWhole] = useState(false)
  const fold = whole ? undefined : foldOf(block, { first, last })
  if (!fold) return <pre className={classes.same}>{block.text}</pre>
  return (
    <>
      {fold.head !== '' && <pre className={classes.same}>{fold.head}</pre>}
      <button type="button" className={classes.unfold} onClick={() => setWhole(true)}>
        Show {count(fold.hidden, 'unchanged line')}
      </button>
      {fold.tail !== '' && <pre className={classes.same}>{fold.tail}</pre>}
    </>
  )
}
