import { type DragEvent, type ReactNode, useState } from 'react'
import classes from './files.module.css'
import { type PairSide, takeDropped } from './pair-store.ts'

type Props = { onTaken: () => void; children: ReactNode }

/** The page takes files dropped on it to compare them; an archive is left to the window, which imports it. */
export function PairDrop({ onTaken, children }: Props) {
  const [over, setOver] = useState(false)
  const dragOver = (event: DragEvent) => {
    if (!event.dataTransfer.types.includes('Files')) return
    event.preventDefault()
    setOver(true)
  }
  const drop = (event: DragEvent<HTMLElement>) => {
    setOver(false)
    const files = [...event.dataTransfer.files]
    if (files.length === 0 || (files.length === 1 && files.some(isArchive))) return
    event.preventDefault()
    const box = event.currentTarget.getBoundingClientRect()
    const nearest: PairSide = event.clientX < box.left + box.width / 2 ? 'left' : 'right'
    void takeDropped(files, nearest).then(onTaken)
  }
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: dropping is for the pointer; 'Two files…' is there for the keyboard.
    <div
      className={classes.drop}
      data-over={over}
      onDragOver={dragOver}
      onDragLeave={event => {
        if (!(event.relatedTarget instanceof Node && event.currentTarget.contains(event.relatedTarget))) setOver(false)
      }}
      onDrop={drop}
    >
      {children}
      {over && (
        <div className={classes.veil} aria-hidden>
          Drop one or two files to compare them
        </div>
      )}
    </div>
  )
}

const isArchive = (file: File): boolean => /\.(zip|skill)$/i.test(file.name)
