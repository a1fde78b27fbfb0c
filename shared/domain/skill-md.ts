/**
 * SKILL.md: reading, editing one field, and validation. This file is the way in; reading is in skill-parse.ts, editing in
 * skill-edit.ts, the rules in skill-rules.ts (frontmatter) and skill-links.ts (body and files).
 */
import { checkLength, checkLinks, checkUnlinked, linksIn } from './skill-links.ts'
import { parseSkillMd, type SkillMd } from './skill-parse.ts'
import { type Check, type Finding, type Profile, SEVERITY } from './skill-profiles.ts'
import { checkFrontmatter } from './skill-rules.ts'
import { figure, positionsIn } from './text.ts'

export { setField } from './skill-edit.ts'
export { type FrontmatterField, parseSkillMd, type SkillMd } from './skill-parse.ts'
export { type Check, LIMITS, type Profile, type Severity } from './skill-profiles.ts'

const ORDER = { error: 0, warning: 1, advice: 2 } as const

/** The specification has capitals, which count wherever a file system tells them apart ('Directory structure'). */
function checkFileName(paths: readonly string[] | undefined, profile: Profile): Finding[] {
  if (paths === undefined || paths.includes('SKILL.md')) return []
  const other = paths.find(path => path.toLowerCase() === 'skill.md')
  if (other === undefined) return []
  const message = `The file is called ${other}: rename it to SKILL.md, or many agents do not find it.`
  return [{ code: 'FILE_NAME', severity: SEVERITY[profile].fileName, path: other, from: 0, to: 0, message }]
}

/**
 * How much of a body is checked and found by a search, in UTF-16 units: ten times what is recommended. Reading more would hold up
 * whoever waits for it, and no agent loads it.
 */
export const READ_CHARACTERS = 200_000

export type ToValidate = { text: string; folderName?: string; paths?: readonly string[] }

/**
 * Everything a profile has to say about a SKILL.md, errors first, then by place. Never throws; linear in what is read of it
 * (`READ_CHARACTERS`), for each keystroke. `folderName`: the skill's folder, undefined where there is none yet. `paths`: all files
 * of the bundle, relative; without them links are not followed.
 */
export const validateSkill = (input: ToValidate, profile: Profile): Check[] => validator(input)(profile)

/** `validateSkill` for several profiles, of which most is the same. */
export function validator({ text: whole, folderName, paths }: ToValidate): (profile: Profile) => Check[] {
  const parsed = parseSkillMd(whole)
  const skill = { ...parsed, body: parsed.body.slice(0, READ_CHARACTERS) }
  const text = whole.slice(0, skill.bodyFrom + READ_CHARACTERS)
  const links = linksIn(skill)
  const common: Finding[] = [
    ...(whole.length > text.length ? [partlyChecked(parsed)] : []),
    ...checkLength(skill, whole.length - text.length),
    ...checkLinks(links, paths),
    ...(paths ? checkUnlinked(text, links, paths) : []),
  ]
  const place = positionsIn(text)
  const file = paths?.includes('skill.md') && !paths.includes('SKILL.md') ? 'skill.md' : 'SKILL.md'
  return profile =>
    [...checkFileName(paths, profile), ...checkFrontmatter(text, skill, profile, folderName), ...common]
      .map((finding): Check => {
        const path = finding.path ?? file
        return finding.from === undefined ? { ...finding, path } : { ...finding, path, ...place(finding.from) }
      })
      .sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || (a.from ?? Infinity) - (b.from ?? Infinity) || 0)
}

const partlyChecked = ({ body, bodyFrom }: SkillMd): Finding => ({
  code: 'PARTLY_CHECKED',
  severity: 'warning',
  from: bodyFrom + READ_CHARACTERS,
  to: bodyFrom + READ_CHARACTERS,
  message: `The body has ${figure(body.length)} characters; the first ${figure(READ_CHARACTERS)} are checked, and found by a search.`,
})
