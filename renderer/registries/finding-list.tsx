import { IconBulb, IconCheck, IconQuestionMark, IconX } from '@tabler/icons-react'
import type { Finding } from '../../shared/contract/sync.ts'
import classes from './registries.module.css'

const MARKS = {
  pass: { Icon: IconCheck, word: 'Holds', className: classes.good },
  fail: { Icon: IconX, word: 'Broken', className: classes.bad },
  advice: { Icon: IconBulb, word: 'Advice', className: classes.warn },
  unknown: { Icon: IconQuestionMark, word: 'Not seen', className: classes.dim },
} satisfies Record<Finding['state'], { Icon: typeof IconCheck; word: string; className: string | undefined }>

/** Rules of a registry, each with what was found and what mends it. */
export function FindingList({ findings }: { findings: readonly Finding[] }) {
  return (
    <ul className={classes.findings}>
      {findings.map(({ id, state, title, found, mend }) => {
        const { Icon, word, className } = MARKS[state]
        return (
          <li key={id} data-state={state}>
            <span className={`${classes.mark} ${className}`}>
              <Icon size={16} stroke={1.75} aria-hidden />
              {word}
            </span>
            <div>
              <div>{title}</div>
              {found.map(line => (
                <div key={line} className={classes.found}>
                  {line}
                </div>
              ))}
              {state !== 'pass' && <div className={classes.mend}>{mend}</div>}
            </div>
          </li>
        )
      })}
    </ul>
  )
}
