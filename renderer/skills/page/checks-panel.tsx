import { Button, Select } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconInfoCircle } from '@tabler/icons-react'
import type { Check, Profile, Severity } from '../../../shared/domain/skill-md.ts'
import { api } from '../../api.ts'
import { count, formatNumber } from '../../ui/format.ts'
import { tellError } from '../../ui/tell.ts'
import { type Checks, countOf } from './checks.ts'
import classes from './panel.module.css'

type Props = {
  checks: Checks
  profile: Profile
  onShow: (check: Check) => void
  /** Undefined where the text is only read. */
  onFix: ((fix: NonNullable<Check['fix']>) => void) | undefined
}

const PROFILES = [
  { value: 'strict', label: 'Specification, strict' },
  { value: 'reference', label: 'Reference validator' },
  { value: 'claude-code', label: 'Claude Code' },
] as const satisfies { value: Profile; label: string }[]

/** What a profile has to say about the text as it stands; a click jumps to the place. */
export function ChecksPanel({ checks, profile, onShow, onFix }: Props) {
  const choose = async (value: string | null) => {
    const chosen = PROFILES.find(each => each.value === value)?.value
    if (chosen) await api.settings.set({ profile: chosen }).catch(error => tellError(error))
  }
  const more = countOf(checks) - checks.named.length
  return (
    <div className={classes.panel}>
      <Select
        aria-label="Check against"
        data={PROFILES}
        value={profile}
        allowDeselect={false}
        onChange={value => void choose(value)}
      />
      {countOf(checks) === 0 ? (
        <p className={classes.fine}>
          <IconCircleCheck size={16} stroke={1.5} aria-hidden /> Nothing to mend: this passes the profile.
        </p>
      ) : (
        <>
          <p className={classes.dim}>{summary(checks)}</p>
          <ul className={classes.checks} aria-label="Findings">
            {checks.named.map((check, index) => (
              // Two findings may share code and place; their order is stable.
              // biome-ignore lint/suspicious/noArrayIndexKey: see above
              <li key={`${check.code} ${check.from ?? check.path} ${index}`} className={classes.check}>
                <button type="button" className={classes.finding} onClick={() => onShow(check)}>
                  <SeverityIcon severity={check.severity} />
                  <span>
                    {check.message}
                    <span className={classes.dim}> {placeOf(check)}</span>
                  </span>
                </button>
                {check.fix && onFix && (
                  <Button variant="default" onClick={() => check.fix && onFix(check.fix)}>
                    {check.fix.label}
                  </Button>
                )}
              </li>
            ))}
          </ul>
          {more > 0 && <p className={classes.dim}>…and {formatNumber(more)} more.</p>}
        </>
      )}
    </div>
  )
}

const placeOf = (check: Check): string => (check.line === undefined ? check.path : `line ${check.line}`)

const NAMES: Record<Severity, string> = { error: 'error', warning: 'warning', advice: 'advice' }

export function summary({ total }: Checks): string {
  const parts = [
    total.error > 0 && count(total.error, 'error'),
    total.warning > 0 && count(total.warning, 'warning'),
    total.advice > 0 && `${formatNumber(total.advice)} advice`,
  ]
  return parts.filter(part => part !== false).join(' · ')
}

function SeverityIcon({ severity }: { severity: Severity }) {
  const Icon = severity === 'error' ? IconCircleX : severity === 'warning' ? IconAlertTriangle : IconInfoCircle
  return (
    <Icon
      size={16}
      stroke={1.5}
      className={classes.severity}
      data-severity={severity}
      role="img"
      aria-label={NAMES[severity]}
    />
  )
}
