import { Fragment } from 'react'
import classes from './highlight.module.css'

/** Cuts a snippet at its marks: the hit stands between U+E000 and U+E001. Whatever is unbalanced is plain text. */
export function cutAtMarks(snippet: string): { text: string; hit: boolean }[] {
  return snippet
    .split(/(\uE000[^\uE000\uE001]*\uE001)/u)
    .map(part => ({ text: part.replaceAll(/[\uE000\uE001]/gu, ''), hit: /^\uE000.*\uE001$/su.test(part) }))
    .filter(part => part.text !== '')
}

export function Highlight({ snippet }: { snippet: string }) {
  const parts = cutAtMarks(snippet)
  // Parts have no identity but their place.
  return parts.map(({ text, hit }, index) => {
    const key = `${index}:${text}`
    return hit ? (
      <mark className={classes.mark} key={key}>
        {text}
      </mark>
    ) : (
      <Fragment key={key}>{text}</Fragment>
    )
  })
}
