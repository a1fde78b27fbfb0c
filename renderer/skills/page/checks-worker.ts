/** Checks a SKILL.md beside the page. */
import { answerFrom } from '../../ui/budgeted-worker.ts'
import { checksOf } from './checks.ts'

answerFrom(checksOf)
