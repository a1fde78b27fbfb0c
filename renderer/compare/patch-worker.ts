/** Writes patches beside the page: a diff for other tools has no time limit of its own. */
import { unifiedPatch } from '../../shared/domain/diff/patch.ts'
import { answerFrom } from '../ui/budgeted-worker.ts'
import { type FileChange, filePatch } from './file-patch.ts'

/** A pair of plain texts, or files of a comparison; a text is undefined where the file is not there. */
export type PatchRequest =
  | { kind: 'texts'; a: string; b: string; aName: string; bName: string }
  | { kind: 'files'; files: { change: FileChange; a: string | undefined; b: string | undefined }[] }

answerFrom((request: PatchRequest): string =>
  request.kind === 'texts'
    ? unifiedPatch(request.a, request.b, request)
    : request.files.map(({ change, a, b }) => filePatch(change, a, b)).join(''),
)
