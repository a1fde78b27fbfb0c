import { readCaseFiles } from '../library/case-files.ts'
import type { Parked } from '../library/outbox.ts'
import { unknownThere } from '../library/remote-content.ts'
import { PARKED, PROBLEMS } from './problems.ts'
import type { Sendable } from './push-pages.ts'
import type { RowToPush } from './remote.ts'
import { sendBlobs, type ToSend } from './send-content.ts'
import type { Halt, Team } from './team.ts'

/** Puts into the team's store the files that these cases name, before their rows go: whoever gets the row gets the files. */
export async function sendCaseFiles(
  team: Team,
  cases: readonly Sendable<RowToPush>[],
): Promise<{ unsendable: ReadonlyMap<string, Parked>; halt: Halt | undefined }> {
  const files = new Map<string, ToSend>()
  for (const { id, row } of cases)
    for (const { sha256, size } of readCaseFiles(row.files))
      files.set(sha256, { sha256, size: size ?? 0, versionId: id })
  const fresh = files.size === 0 ? [] : unknownThere(team.library, team.tenantId, [...files.keys()])
  const blobs = fresh.flatMap(hash => files.get(hash) ?? [])
  const unsendable = new Map<string, Parked>()
  if (blobs.length === 0) return { unsendable, halt: undefined }
  const store = team.remote.blobs
  if (!store) return { unsendable, halt: { kind: 'ask', problem: PROBLEMS.noStorage } }
  const halt = await sendBlobs(team, store, blobs, unsendable)
  for (const [id, { code }] of unsendable)
    unsendable.set(id, code === PARKED.tooLarge.code ? PARKED.caseFileTooLarge : PARKED.caseFileLost)
  return { unsendable, halt }
}
