import { useEffect, useState } from 'react'
import type { ImportSource } from '../../shared/contract/imports.ts'
import { readArchive } from './archive-file.ts'
import classes from './imports.module.css'

type Props = {
  onArchive: (source: ImportSource, what: string) => void
  /** Says why what was dropped is not taken. */
  onRefuse: (sentence: string) => void
  busy: boolean
}

/** The whole window takes a dropped archive, unless a page below has use for what is dropped and says so (preventDefault). */
export function DropTarget({ onArchive, onRefuse, busy }: Props) {
  const [over, setOver] = useState(false)
  useEffect(() => {
    const carriesFiles = (event: DragEvent) => event.dataTransfer?.types.includes('Files') === true
    const onDragOver = (event: DragEvent) => {
      if (event.defaultPrevented || !carriesFiles(event)) return
      event.preventDefault()
      setOver(true)
    }
    const onDragLeave = (event: DragEvent) => {
      if (event.relatedTarget === null) setOver(false)
    }
    const onDrop = (event: DragEvent) => {
      setOver(false)
      if (event.defaultPrevented || !carriesFiles(event)) return
      // Without this the browser would leave the app for the file.
      event.preventDefault()
      if (busy) onRefuse('An import is running; drop it again when that has finished.')
      else void take(event.dataTransfer?.items)
    }
    const take = async (items: DataTransferItemList | undefined) => {
      const [item] = [...(items ?? [])].filter(other => other.kind === 'file')
      if (item?.webkitGetAsEntry()?.isDirectory === true)
        return onRefuse('A dropped folder cannot be read from here. Type its path, or drop it packed as a .zip file.')
      const file = item?.getAsFile()
      if (!file) return
      const read = await readArchive(file)
      if ('refused' in read) onRefuse(read.refused)
      else onArchive(read.source, file.name)
    }
    window.addEventListener('dragover', onDragOver)
    window.addEventListener('dragleave', onDragLeave)
    window.addEventListener('drop', onDrop)
    return () => {
      window.removeEventListener('dragover', onDragOver)
      window.removeEventListener('dragleave', onDragLeave)
      window.removeEventListener('drop', onDrop)
    }
  }, [onArchive, onRefuse, busy])
  return over ? <div className={classes.drop}>Drop a .zip or .skill file to import it</div> : null
}
