import { VisuallyHidden } from '@mantine/core'
import { type ReactNode, useEffect } from 'react'
import { safeName } from '../../shared/domain/hidden-characters.ts'
import classes from './page.module.css'

type Props = {
  title: ReactNode
  /** False where the top bar says it already: then it is there for screen readers alone. */
  titled?: boolean
  /** The window's title; needed where `title` is no plain text. */
  name?: string
  /** One quiet line beside the title. */
  detail?: ReactNode
  /** Buttons at the right end of the title row. */
  actions?: ReactNode
  /** Room around the body, for pages of text; a list or an editor goes to the edges. */
  padded?: boolean
  children: ReactNode
}

/** A place: a title row with what can be done there, and a body that scrolls by itself. */
export function Page({ title, titled = true, name, detail, actions, padded = false, children }: Props) {
  useDocumentTitle(name ?? (typeof title === 'string' ? title : undefined))
  return (
    <div className={classes.page}>
      {!titled && <VisuallyHidden component="h1">{title}</VisuallyHidden>}
      <header className={classes.head} hidden={!titled && detail === undefined && actions === undefined}>
        {titled && <h1 className={classes.title}>{title}</h1>}
        {detail !== undefined && <div className={classes.detail}>{detail}</div>}
        {actions !== undefined && <div className={classes.actions}>{actions}</div>}
      </header>
      <div className={padded ? `${classes.body} ${classes.padded}` : classes.body}>{children}</div>
    </div>
  )
}

/** Names the window after what it shows. */
export function useDocumentTitle(name: string | undefined): void {
  useEffect(() => {
    document.title = name === undefined ? 'Whetstone' : `${safeName(name)} – Whetstone`
  }, [name])
}
