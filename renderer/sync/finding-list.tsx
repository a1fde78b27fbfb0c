import type { Finding } from '../../shared/contract/sync.ts'
import classes from './sync.module.css'

/** Rules of a registry that do not hold: what was found, and what whoever runs it can do. */
export const FindingList = ({ findings }: { findings: readonly Finding[] }) =>
  findings.map(finding => (
    <div key={finding.id} className={classes.finding}>
      <p>
        <strong>{finding.state === 'fail' ? 'Broken' : 'Advice'}:</strong> {finding.title}
      </p>
      {finding.found.map(line => (
        <p key={line} className={classes.quiet}>
          {line}
        </p>
      ))}
      <p>For whoever runs it: {finding.mend}</p>
    </div>
  ))
