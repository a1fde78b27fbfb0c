/** Writes patches beside the page: a diff for other tools has no time limit of its own. */
import type { FileChange } from '../../shared/domain/bundle-diff.ts'
import { filePatch, type PatchedTexts } from '../../shared/domain/diff/file-patch.ts'
import { unifiedPatch } from '../../shared/domain/diff/patch.ts'
import { answerFrom } from '../ui/budgeted-worker.ts'

/** A pair of plain texts, or files of a comparison. */
export type PatchRequest =
  | { kind: 'texts'; a: string; b: string; aName: string; bName: string }
  | { kind: 'files'; files: ({ change: FileChange } & PatchedTexts)[] }

answerFrom((request: PatchRequest): string =>
  request.kind === 'texts'
    ? unifiedPatch(request.a, request.b, request)
    : request.files.map(({ change, a, b }) => filePatch(change, { a, b }) ?? '').join(''),
)
