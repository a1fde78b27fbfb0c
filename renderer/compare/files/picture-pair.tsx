import { SegmentedControl } from '@mantine/core'
import { type CSSProperties, useEffect, useState } from 'react'
import { bytes, signed } from '../../ui/format.ts'
import classes from './files.module.css'

export type PictureSide = {
  name: string
  /** Undefined: the picture is not on this side. */
  blob: Blob | undefined
}
type Size = { width: number; height: number }
/** 'broken': what is there is no picture that can be shown. */
type Loaded = Size | 'broken'
type Props = { left: PictureSide; right: PictureSide; path: string }

/**
 * Two pictures: one over the other with a slider between them, or beside each other. Both are drawn to one scale. SVG too:
 * an image element runs none of its scripts and loads nothing it names.
 */
export function PicturePair({ left, right, path }: Props) {
  const [layout, setLayout] = useState<'swipe' | 'beside'>('swipe')
  const [share, setShare] = useState(50)
  const before = usePicture(left.blob)
  const after = usePicture(right.blob)
  const both = sizeOf(before.loaded) !== undefined && sizeOf(after.loaded) !== undefined
  const sides = [
    { side: left, picture: before, where: 'before' },
    { side: right, picture: after, where: 'after' },
  ] as const
  const frame = frameOf(sizeOf(before.loaded), sizeOf(after.loaded))
  const swiping = both && layout === 'swipe'
  return (
    <div className={classes.pictures}>
      <div className={classes.bar}>
        <span className={classes.facts}>{factsOf(left, right, before.loaded, after.loaded)}</span>
        {both && (
          <SegmentedControl
            aria-label="How the pictures are shown"
            data={[
              { value: 'swipe', label: 'Swipe' },
              { value: 'beside', label: 'Side by side' },
            ]}
            value={layout}
            onChange={value => setLayout(value === 'beside' ? 'beside' : 'swipe')}
          />
        )}
      </div>
      <div className={classes.stage}>
        {swiping ? (
          <div className={classes.frame} style={frameStyle(frame)}>
            <img src={after.url} alt={`${path}, ${right.name}`} style={within(frame, sizeOf(after.loaded))} />
            <div className={classes.over} style={{ clipPath: `inset(0 ${100 - share}% 0 0)` }}>
              <img src={before.url} alt={`${path}, ${left.name}`} style={within(frame, sizeOf(before.loaded))} />
            </div>
            <div className={classes.edge} style={{ left: `${share}%` }} aria-hidden />
            <input
              className={classes.swipe}
              type="range"
              min={0}
              max={100}
              value={share}
              aria-label={`Swipe between ${left.name} and ${right.name}`}
              aria-valuetext={`${share}% ${left.name}, ${100 - share}% ${right.name}`}
              onChange={event => setShare(event.currentTarget.valueAsNumber)}
            />
          </div>
        ) : (
          <div className={classes.beside}>
            {sides.map(({ side, picture, where }) => (
              <figure key={where}>
                <figcaption>{side.name}</figcaption>
                {side.blob === undefined ? (
                  <p>Not in {side.name}.</p>
                ) : picture.loaded === 'broken' ? (
                  <p>This cannot be shown as a picture.</p>
                ) : (
                  <div className={classes.frame} style={frameStyle(frame)}>
                    <img
                      src={picture.url}
                      alt={`${path}, ${side.name}`}
                      style={within(frame, sizeOf(picture.loaded))}
                    />
                  </div>
                )}
              </figure>
            ))}
          </div>
        )}
        {swiping && (
          <p className={classes.hint}>
            {left.name} is left of the line, {right.name} right of it. Drag the line, or move it with the arrow keys.
          </p>
        )}
      </div>
    </div>
  )
}

/** An address of the blob for as long as it is shown, and the picture's size once it is read. */
function usePicture(blob: Blob | undefined): { url: string | undefined; loaded: Loaded | undefined } {
  const [state, setState] = useState<{ url: string; loaded: Loaded | undefined }>()
  useEffect(() => {
    if (!blob) return
    const url = URL.createObjectURL(blob)
    setState({ url, loaded: undefined })
    const image = new Image()
    image.onload = () => setState({ url, loaded: { width: image.naturalWidth, height: image.naturalHeight } })
    image.onerror = () => setState({ url, loaded: 'broken' })
    image.src = url
    return () => {
      image.onload = null
      image.onerror = null
      URL.revokeObjectURL(url)
      setState(undefined)
    }
  }, [blob])
  return { url: state?.url, loaded: state?.loaded }
}

/** What a browser gives a picture that names no size of its own. */
const UNSIZED: Size = { width: 300, height: 150 }

function sizeOf(loaded: Loaded | undefined): Size | undefined {
  if (loaded === undefined || loaded === 'broken') return undefined
  return loaded.width === 0 || loaded.height === 0 ? UNSIZED : loaded
}

/** The smallest frame that holds both. */
const frameOf = (a: Size | undefined, b: Size | undefined): Size => ({
  width: Math.max(a?.width ?? 1, b?.width ?? 1),
  height: Math.max(a?.height ?? 1, b?.height ?? 1),
})

/** Never larger than it is, but for tiny pictures, and never higher than the window leaves room for. */
function frameStyle({ width, height }: Size): CSSProperties {
  const shown = Math.max(width, 96)
  return { aspectRatio: `${width} / ${height}`, width: `min(100%, ${shown}px, calc(60vh * ${width / height}))` }
}

/** A picture's place in the frame, at the frame's scale. */
const within = (frame: Size, size: Size = frame): CSSProperties => ({
  width: `${(size.width / frame.width) * 100}%`,
  height: `${(size.height / frame.height) * 100}%`,
})

function factsOf(left: PictureSide, right: PictureSide, before?: Loaded, after?: Loaded): string {
  const say = ({ name, blob }: PictureSide, loaded: Loaded | undefined) => {
    if (!blob) return `${name}: not there`
    const pixels = loaded === undefined || loaded === 'broken' ? '' : `${loaded.width} × ${loaded.height} pixels, `
    return `${name}: ${pixels}${bytes(blob.size)}`
  }
  const change = left.blob && right.blob ? ` (${signed(right.blob.size - left.blob.size, bytes)})` : ''
  return `${say(left, before)} → ${say(right, after)}${change}`
}
