import { useEffect, useMemo, useState } from 'react'
import type { Sought } from './diff-search.tsx'
import type { Found } from './pane-search.ts'
import type { Shown } from './shown.ts'

const LONGEST_SELECTION = 100

/** The search of a comparison: open or not, what is sought, and what was found in what is shown. */
export function useDiffSearch(shown: Shown | undefined) {
  // How often it was asked for since it was closed.
  const [asked, setAsked] = useState(0)
  const [sought, setSought] = useState<Sought>({ text: '', caseSensitive: false })
  const [found, setFound] = useState<Found>()
  const isOpen = asked > 0
  useEffect(() => {
    if (isOpen && shown) shown.search.find(sought.text, sought.caseSensitive, setFound)
  }, [isOpen, shown, sought])
  const acts = useMemo(
    () => ({
      open() {
        const selected = window.getSelection()?.toString() ?? ''
        if (selected !== '' && selected.length <= LONGEST_SELECTION && !selected.includes('\n'))
          setSought(was => (was.text === selected ? was : { ...was, text: selected }))
        setAsked(times => times + 1)
      },
      step: (by: 1 | -1) => shown && setFound(shown.search.step(by)),
      close() {
        shown?.search.close()
        shown?.focus()
        setAsked(0)
      },
    }),
    [shown],
  )
  return { isOpen, asked, sought, setSought, found, ...acts }
}
