import { Button } from '@mantine/core'
import { IconAlertTriangle } from '@tabler/icons-react'
import type { ReactNode } from 'react'
import classes from './notice.module.css'

export type Remedy = { label: string; run: () => void; loading?: boolean }

type Props = {
  /** What happened, as one sentence: `sayError(error)`. */
  happened: string
  /** What was kept. */
  kept?: string
  /** What to do next. */
  todo?: string
  /** Buttons that do it; the first is the main one. */
  remedies?: readonly Remedy[]
  children?: ReactNode
}

/** An error in three parts, with a button that mends it. */
export function ErrorNotice({ happened, kept, todo, remedies = [], children }: Props) {
  return (
    <div className={classes.notice} role="alert">
      <IconAlertTriangle className={classes.icon} size={18} stroke={1.5} aria-hidden />
      <div className={classes.words}>
        <p className={classes.happened}>{happened}</p>
        {kept !== undefined && <p className={classes.quiet}>{kept}</p>}
        {todo !== undefined && <p>{todo}</p>}
        {children}
        {remedies.length > 0 && (
          <div className={classes.buttons}>
            {remedies.map((remedy, index) => (
              <Button
                key={remedy.label}
                variant={index === 0 ? 'filled' : 'default'}
                loading={remedy.loading ?? false}
                onClick={remedy.run}
              >
                {remedy.label}
              </Button>
            ))}
          </div>
        )}
      </div>
    </div>
  )
}
