import type { GateReport } from '../../shared/contract/gates.ts'
import classes from './gate-report.module.css'

const SIGNS = { met: '✓', unmet: '✗', unknown: '–' } as const

/** What a skill's gate says of a version, rule by rule, with the cases that it is about. */
export function GateFindings({ report }: { report: GateReport }) {
  return (
    <div>
      <p className={classes.words} data-shut={!report.open || undefined}>
        {report.words}
      </p>
      <ul className={classes.findings}>
        {report.findings.map(finding => (
          <li key={finding.rule}>
            {SIGNS[finding.state]} {finding.words}
            {finding.cases.some(one => !finding.words.includes(one.name)) && (
              <div className={classes.cases}>{finding.cases.map(one => one.name).join(', ')}</div>
            )}
          </li>
        ))}
      </ul>
    </div>
  )
}
