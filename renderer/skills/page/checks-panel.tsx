import { Button, Select } from '@mantine/core'
import { IconAlertTriangle, IconCircleCheck, IconCircleX, IconInfoCircle } from '@tabler/icons-react'
import type { Check, Profile, Severity } from '../../../shared/domain/skill-md.ts'
import { api } from '../../api.ts'
import { count } from '../../ui/format.ts'
import { tellError } from '../../ui/tell.ts'
import classes from './panel.module.css'

type Props = {
  checks: readonly Check[]
  profile: Profile
  onShow: (check: Check) => void
  onFix: (fix: NonNullable<Check['fix']>) => void
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
  return (
    <div className={classes.panel}>
      <Select
        aria-label="Check against"
        data={PROFILES}
        value={profile}
        allowDeselect={false}
        onChange={value => void choose(value)}
      />
      {checks.length === 0 ? (
        <p className={classes.fine}>
          <IconCircleCheck size={16} stroke={1.5} aria-hidden /> Nothing to mend: this passes the profile.
        </p>
      ) : (
        <>
          <p className={classes.dim}>{summary(checks)}</p>
          <ul className={classes.checks} aria-label="Findings">
            {checks.map((check, index) => (
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
                {check.fix && (
                  <Button variant="default" onClick={() => check.fix && onFix(check.fix)}>
                    {check.fix.label}
                  </Button>
                )}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  )
}

const placeOf = (check: Check): string => (check.line === undefined ? check.path : `line ${check.line}`)

const NAMES: Record<Severity, string> = { error: 'error', warning: 'warning', advice: 'advice' }

export function summary(checks: readonly Check[]): string {
  const of = (severity: Severity): number => checks.filter(check => check.severity === severity).length
  const parts = [
    of('error') > 0 && count(of('error'), 'error'),
    of('warning') > 0 && count(of('warning'), 'warning'),
    of('advice') > 0 && `${of('advice')} advice`,
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
