import fs from 'node:fs'
import path from 'node:path'
import type { ContentRef } from '../../shared/contract/base.ts'
import { filePatch } from '../../shared/domain/diff/file-patch.ts'
import { type CommandLine, EXIT, type Exit, resolveSkill } from './shared.ts'

type Side = { label: string; of: ContentRef }

/**
 * Two contents as a patch that `git apply` takes, each a skill of the library (`slug@3`) or a folder on disk. Standard
 * output has the patch and nothing else; files whose content is not text are told beside it. Exit 0 when the two are the
 * same and 1 when they differ, as diff(1) does.
 */
export async function diff(line: CommandLine, leftName: string, rightName: string): Promise<Exit> {
  const left = await side(line, leftName)
  const right = await side(line, rightName)
  const comparison = await line.api.compare.get({ left: left.of, right: right.of })
  const changes = await Promise.all(
    comparison.changes.map(async change => {
      const a = change.left && (await textOf(line, left.of, change.left.path))
      const b = change.right && (await textOf(line, right.of, change.right.path))
      const { kind, path, fromPath } = change
      return { kind, path, fromPath, binary: a === null || b === null, patch: filePatch(change, { a, b }) }
    }),
  )
  if (line.json) line.print(JSON.stringify({ left: left.label, right: right.label, changes }, null, 2))
  else {
    const patch = changes.map(change => change.patch ?? '').join('')
    // Printing ends the last line; what comes before is the patch's own, to the byte.
    if (patch !== '') line.content(patch.slice(0, -1))
    for (const { kind, path, patch } of changes)
      if (patch === undefined) line.remark(`${path} (${kind}) is not in the patch: it is not text, or over 5 MB.`)
  }
  line.remark(
    changes.length === 0
      ? 'The two are the same.'
      : changes.length === 1
        ? '1 file differs'
        : `${changes.length} files differ`,
  )
  return changes.length === 0 ? EXIT.done : EXIT.found
}

/** Null: not text, or too large to be read as one. */
async function textOf(line: CommandLine, of: ContentRef, path: string): Promise<string | null> {
  const read = await line.api.files.read({ of, path })
  return read.kind === 'text' ? read.text : null
}

async function side(line: CommandLine, name: string): Promise<Side> {
  const full = path.resolve(line.cwd, name)
  if (fs.existsSync(full)) return { label: name, of: { kind: 'folder', path: full } }
  const { label, of } = await resolveSkill(line, name)
  return { label, of }
}
