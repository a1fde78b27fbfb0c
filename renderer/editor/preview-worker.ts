/** Renders Markdown beside the page. */
import { answerFrom } from '../ui/budgeted-worker.ts'
import { previewBlocks } from './preview-blocks.ts'

answerFrom(previewBlocks)
