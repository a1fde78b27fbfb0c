import classes from './registries.module.css'

/** Rows that were corrected, removed or left out, a sentence for each. Nothing where there are none. */
export function MendedRows({ lines, title }: { lines: readonly string[]; title: string }) {
  if (lines.length === 0) return null
  return (
    <section className={classes.mended} aria-label={title}>
      <h3>{title}</h3>
      <ul>
        {lines.map(line => (
          <li key={line}>{line}</li>
        ))}
      </ul>
    </section>
  )
}
