import { Fragment } from 'react'
import classes from './highlight.module.css'

/** Cuts a snippet at its marks: the hit stands between U+E000 and U+E001. Whatever is unbalanced is plain text. */
export function cutAtMarks(snippet: string): { text: string; hit: boolean }[] {
  return snippet
    .split(/(\uE000[^\uE000\uE001]*\uE001)/u)
    .map(part => ({ text: part.replaceAll(/[\uE000\uE001]/gu, ''), hit: /^\uE000.*\uE001$/su.test(part) }))
    .filter(part => part.text !== '')
}

/** At most `lead` characters before the first hit, cut at a word, so that the hit is seen in a narrow place. */
export function shortenLead(snippet: string, lead: number): string {
  const hit = snippet.indexOf('\uE000')
  if (hit <= lead) return snippet
  const before = snippet.slice(hit - lead, hit).replace(/^\S*\s+/u, '')
  return `…${before}${snippet.slice(hit)}`
}

/** A snippet with its hits marked. */
export function Highlight({ snippet, lead }: { snippet: string; lead?: number }) {
  const parts = cutAtMarks(lead === undefined ? snippet : shortenLead(snippet, lead))
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
