import fs from 'node:fs'
import path from 'node:path'
import { findSkillMd } from '../../shared/domain/bundle.ts'
import { type Check, type Profile, validateSkill } from '../../shared/domain/skill-md.ts'
import { decodeText } from '../../shared/domain/text.ts'
import { oneLine } from '../../shared/domain/visible.ts'
import { RecordingSink } from '../interchange/recording-sink.ts'
import { type CommandLine, EXIT, type Exit, filesOf, Refused, resolveSkill } from './shared.ts'

type Finding = Check & { skill: string }

/**
 * Checks folders on disk (every skill below them) or skills of the library. Exit 1 when there is an error; advice and
 * warnings alone are 0, unless `strictly`.
 */
export async function validate(
  line: CommandLine,
  names: readonly string[],
  profile: Profile,
  strictly: boolean,
): Promise<Exit> {
  const findings: Finding[] = []
  let checked = 0
  for (const name of names) {
    const skills = fs.existsSync(path.resolve(line.cwd, name))
      ? await onDisk(line, name)
      : [await inLibrary(line, name)]
    for (const skill of skills) {
      checked += 1
      findings.push(...validateSkill(skill, profile).map(check => ({ ...check, skill: skill.label })))
    }
  }
  const errors = findings.filter(finding => finding.severity === 'error').length
  if (line.json) line.print(JSON.stringify({ profile, checked, errors, findings }, null, 2))
  else for (const finding of findings) line.print(oneLine(words(finding)))
  line.remark(
    `${checked} checked by the ${profile} profile: ${errors} errors, ${findings.length - errors} warnings and advice`,
  )
  return errors > 0 || (strictly && findings.length > 0) ? EXIT.found : EXIT.done
}

const words = (finding: Finding): string => {
  const at =
    finding.line === undefined ? '' : `:${finding.line}${finding.column === undefined ? '' : `:${finding.column}`}`
  return `${finding.skill}/${finding.path}${at}: ${finding.severity}: ${finding.message} [${finding.code}]`
}

type ToCheck = { text: string; folderName: string; paths: string[]; label: string }

async function onDisk(line: CommandLine, name: string): Promise<ToCheck[]> {
  const { readFolder } = await import('../interchange/folder.ts')
  const full = path.resolve(line.cwd, name)
  const root = fs.statSync(full).isDirectory() ? full : path.dirname(full)
  const sink = new RecordingSink()
  const read = await readFolder(root, sink, { signal: line.signal })
  if (!read.ok) throw new Refused(read.message)
  for (const skip of sink.skips) line.remark(oneLine(`${skip.path}: ${skip.message}`))
  if (sink.skills.length === 0) throw new Refused(`There is no SKILL.md in ${root}.`)
  return sink.skills.map(skill => {
    const manifest = skill.versions.at(-1)?.manifest ?? []
    const decoded = decodeText(sink.blobs.get(findSkillMd(manifest)?.sha256 ?? '') ?? new Uint8Array())
    return {
      text: decoded.kind === 'text' ? decoded.text : '',
      folderName: skill.folderName,
      paths: manifest.map(file => file.path),
      label: path.join(name, skill.path),
    }
  })
}

async function inLibrary(line: CommandLine, name: string): Promise<ToCheck> {
  const named = await resolveSkill(line, name)
  const files = await filesOf(line, named)
  return {
    text: findSkillMd(files)?.text ?? '',
    folderName: named.slug,
    paths: files.map(file => file.path),
    label: named.label,
  }
}
