import type { ReactNode } from 'react'
import classes from './notice.module.css'

type Props = {
  title: string
  /** What belongs here, and why there is none yet. */
  children?: ReactNode
  icon?: ReactNode
  /** The first step: one or two buttons. */
  actions?: ReactNode
}

/** Says what belongs in an empty place and offers the first step. */
export function Empty({ title, children, icon, actions }: Props) {
  return (
    <div className={classes.empty}>
      {icon !== undefined && <div className={classes.emptyIcon}>{icon}</div>}
      <h2>{title}</h2>
      {children !== undefined && <p>{children}</p>}
      {actions !== undefined && <div className={classes.buttons}>{actions}</div>}
    </div>
  )
}
