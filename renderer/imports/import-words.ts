import type { ImportProgress, ImportReport } from '../../shared/contract/imports.ts'
import { isExpected, sayError } from '../api.ts'
import { count, formatNumber } from '../ui/format.ts'

/** An import that did not happen, in three parts. */
export type ImportFailure = { happened: string; kept: string; todo: string }

const KEPT = 'Your library is as it was.'
const KEPT_WHOLE = 'The skills that were finished before that are kept, whole ones only.'
const AGAIN = 'Import the same again: what is already here is not added twice.'

export function sayImportFailure(error: unknown): ImportFailure {
  if (!isExpected(error)) return { happened: sayError(error), kept: KEPT_WHOLE, todo: AGAIN }
  switch (error.code) {
    case 'GIT_MISSING':
      return {
        happened: 'git is not installed, so the history cannot be read.',
        kept: KEPT,
        todo: 'Install git and try again, or import the folder as it is now, without its history.',
      }
    case 'NOTHING_FOUND':
      return {
        happened: 'There is no SKILL.md in there.',
        kept: KEPT,
        todo: 'Choose the folder that holds your skills’ folders, or one skill’s own folder.',
      }
    case 'SOURCE_UNREADABLE':
      return {
        happened: reasonOf(error.data) || error.message,
        kept: KEPT,
        todo: 'Check the path and try again.',
      }
    case 'DISK':
      return {
        happened: `The disk did not take it. ${reasonOf(error.data)}`.trim(),
        kept: KEPT_WHOLE,
        todo: `Make room on the disk. ${AGAIN}`,
      }
    default:
      return { happened: error.message, kept: KEPT, todo: 'Try again.' }
  }
}

function reasonOf(data: unknown): string {
  return typeof data === 'object' && data !== null && 'reason' in data && typeof data.reason === 'string'
    ? data.reason
    : ''
}

const PHASES: Record<ImportProgress['phase'], string> = {
  looking: 'Looking for skills',
  reading: 'Reading',
  saving: 'Saving',
}

/** 'Reading 120 of 484'; before there is anything to count, 'Starting'. */
export function sayProgress(progress: ImportProgress | undefined): string {
  if (progress === undefined) return 'Starting…'
  const { phase, done, total } = progress
  if (total !== null) return `${PHASES[phase]}: ${formatNumber(done)} of ${formatNumber(total)}`
  return done === 0 ? `${PHASES[phase]}…` : `${PHASES[phase]}: ${formatNumber(done)}`
}

/** The same for the width of the sidebar: 'Importing, 83%'. */
export function sayBriefly(progress: ImportProgress | undefined): string {
  const percent = percentOf(progress)
  if (percent !== undefined) return `Importing, ${Math.floor(percent)}%`
  return progress === undefined || progress.done === 0 ? 'Importing…' : `Importing, ${formatNumber(progress.done)}`
}

/** Percent, where it is known how much there is. */
export function percentOf(progress: ImportProgress | undefined): number | undefined {
  if (progress?.total === null || progress === undefined || progress.total === 0) return undefined
  return Math.min(100, (100 * progress.done) / progress.total)
}

/** 'Added 484 skills with 3,562 versions' or what else it came to, in one sentence. */
export function sayReport(report: ImportReport): string {
  const { skillsAdded, skillsUpdated, skillsUnchanged, versionsAdded, skipped } = report
  const parts = [
    skillsAdded > 0 && `${count(skillsAdded, 'skill')} added`,
    skillsUpdated > 0 && `${count(skillsUpdated, 'skill')} updated`,
    versionsAdded > 0 && `${count(versionsAdded, 'version')} in all`,
    skillsUnchanged > 0 && `${formatNumber(skillsUnchanged)} already here`,
    skipped.length > 0 && `${formatNumber(skipped.length)} to look at`,
  ].filter(part => part !== false)
  return parts.length === 0 ? 'Nothing was added.' : `${parts.join(', ')}.`
}
