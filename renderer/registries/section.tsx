import { type ReactNode, useId } from 'react'
import classes from './registries.module.css'

type Props = { title: string; words?: string; actions?: ReactNode; children?: ReactNode }

/** One part of the page. */
export function Section({ title, words, actions, children }: Props) {
  const id = useId()
  return (
    <section className={classes.section} aria-labelledby={id}>
      <div className={classes.head}>
        <h2 id={id}>{title}</h2>
        {actions}
      </div>
      {words !== undefined && <p className={classes.words}>{words}</p>}
      {children}
    </section>
  )
}
