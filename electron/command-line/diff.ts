import fs from 'node:fs'
import path from 'node:path'
import { unifiedPatch } from '../../shared/domain/diff/patch.ts'
import { decodeText } from '../../shared/domain/text.ts'
import { RecordingSink } from '../interchange/recording-sink.ts'
import { type CommandLine, EXIT, type Exit, filesOf, Refused, resolveSkill, type TextFile } from './shared.ts'

type Side = { label: string; files: TextFile[] }

/**
 * Two contents as a unified patch, each a skill of the library (`slug@3`) or a folder on disk. Exit 0 when they are the
 * same and 1 when they differ, as diff(1) does.
 */
export async function diff(line: CommandLine, leftName: string, rightName: string): Promise<Exit> {
  const left = await side(line, leftName)
  const right = await side(line, rightName)
  const paths = [...new Set([...left.files, ...right.files].map(file => file.path))].sort()
  const changes = paths.flatMap(name => {
    const a = left.files.find(file => file.path === name)
    const b = right.files.find(file => file.path === name)
    if (a?.sha256 === b?.sha256) return []
    const kind = a === undefined ? 'added' : b === undefined ? 'removed' : 'changed'
    const binary = (a !== undefined && a.text === undefined) || (b !== undefined && b.text === undefined)
    const names = { aName: a ? `a/${name}` : '/dev/null', bName: b ? `b/${name}` : '/dev/null' }
    const patch = binary ? undefined : unifiedPatch(a?.text ?? '', b?.text ?? '', names)
    return [{ kind, path: name, binary, patch }]
  })
  if (line.json) line.print(JSON.stringify({ left: left.label, right: right.label, changes }, null, 2))
  else
    for (const change of changes) line.content(change.patch?.trimEnd() ?? `Binary file ${change.path} ${change.kind}`)
  line.remark(
    changes.length === 0
      ? 'The two are the same.'
      : changes.length === 1
        ? '1 file differs'
        : `${changes.length} files differ`,
  )
  return changes.length === 0 ? EXIT.done : EXIT.found
}

async function side(line: CommandLine, name: string): Promise<Side> {
  const full = path.resolve(line.cwd, name)
  if (!fs.existsSync(full)) {
    const named = await resolveSkill(line, name)
    return { label: named.label, files: await filesOf(line, named) }
  }
  const { readFolder } = await import('../interchange/folder.ts')
  const sink = new RecordingSink()
  const read = await readFolder(full, sink, { signal: line.signal })
  if (!read.ok) throw new Refused(read.message)
  const [skill, ...more] = sink.skills
  if (!skill || more.length > 0)
    throw new Refused(`${name} must be the folder of one skill; it has ${sink.skills.length}.`)
  const files = (skill.versions.at(-1)?.manifest ?? []).map(file => {
    const decoded = decodeText(sink.blobs.get(file.sha256) ?? new Uint8Array())
    return { path: file.path, sha256: file.sha256, text: decoded.kind === 'text' ? decoded.text : undefined }
  })
  return { label: name, files }
}
