import { IconBulb, IconCheck, IconQuestionMark, IconX } from '@tabler/icons-react'
import type { Finding } from '../../shared/contract/sync.ts'
import classes from './registries.module.css'

const MARKS = {
  pass: { Icon: IconCheck, rule: 'Holds', check: 'Good', className: classes.good },
  fail: { Icon: IconX, rule: 'Broken', check: 'Not so', className: classes.bad },
  advice: { Icon: IconBulb, rule: 'Advice', check: 'Careful', className: classes.warn },
  unknown: { Icon: IconQuestionMark, rule: 'Not seen', check: 'Not seen', className: classes.dim },
} satisfies Record<
  Finding['state'],
  { Icon: typeof IconCheck; rule: string; check: string; className: string | undefined }
>
type Props = {
  findings: readonly Finding[]
  /** Rules hold or are broken; what a connection is checked for is so or not. */
  of?: 'rule' | 'check'
}

/** Rules of a registry, each with what was found and what mends it. */
export function FindingList({ findings, of = 'rule' }: Props) {
  return (
    <ul className={classes.findings}>
      {findings.map(({ id, state, title, found, mend }) => {
        const { Icon, className, [of]: word } = MARKS[state]
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
