/** Compares two texts beside the page. */
import { answerFrom } from '../../ui/budgeted-worker.ts'
import { compareTexts } from './compared.ts'

answerFrom(compareTexts)
