import { Button } from '@mantine/core'
import { useState } from 'react'
import { useLocation } from 'wouter'
import type { FeedbackRow } from '../../shared/contract/feedback.ts'
import { api } from '../api.ts'
import { address } from '../routes.ts'
import { tell, tellError } from '../ui/tell.ts'
import classes from './feedback.module.css'

/** One action from a training example or a bug report to a benchmark case that guards the next version. */
export function MakeCase({ row }: { row: FeedbackRow }) {
  const [, navigate] = useLocation()
  const [busy, setBusy] = useState(false)
  if (row.type !== 'training_example' && row.type !== 'bug_report') return null
  if (row.status === 'dismissed') return null
  const make = async () => {
    setBusy(true)
    try {
      const { case: made, made: isNew, asks } = await api.cases.fromFeedback({ feedbackId: row.id })
      const open = () => navigate(address.skill(row.skillId, 'benchmarks', { view: 'cases', case: made.id }))
      if (isNew && !asks) {
        open()
        return tell({ message: 'The report does not say what was asked: write it in place of its words.' })
      }
      const message = isNew
        ? `“${made.content.name}” is a benchmark case of ${row.skillName} now.`
        : 'It is a benchmark case already.'
      tell({ message, action: { label: 'Open it', run: open } })
    } catch (error) {
      tellError(error, 'No case was made.')
    } finally {
      setBusy(false)
    }
  }
  return (
    <div className={classes.act}>
      <Button variant="default" loading={busy} onClick={() => void make()}>
        Make a case
      </Button>
    </div>
  )
}
