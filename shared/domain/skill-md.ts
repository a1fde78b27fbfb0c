/**
 * SKILL.md: reading, editing one field, and validation. This file is the way in; reading is in skill-parse.ts, editing in
 * skill-edit.ts, the rules in skill-rules.ts (frontmatter) and skill-links.ts (body and files).
 */
import { checkLength, checkLinks, checkUnlinked } from './skill-links.ts'
import { parseSkillMd } from './skill-parse.ts'
import { type Check, checkFrontmatter, type Finding, type Profile } from './skill-rules.ts'
import { positionAt } from './text.ts'

export { setField } from './skill-edit.ts'
export { type FrontmatterField, parseSkillMd, type SkillMd } from './skill-parse.ts'
export { type Check, LIMITS, type Profile, type Severity } from './skill-rules.ts'

const ORDER = { error: 0, warning: 1, advice: 2 } as const

/**
 * Everything a profile has to say about a SKILL.md, errors first, then by place. Never throws; linear, for each keystroke.
 * `folderName`: the skill's folder, undefined where there is none yet. `paths`: all files of the bundle, relative; without
 * them links are not followed.
 */
export function validateSkill(
  input: { text: string; folderName?: string; paths?: readonly string[] },
  profile: Profile,
): Check[] {
  const { text, folderName, paths } = input
  const skill = parseSkillMd(text)
  const findings: Finding[] = [
    ...checkFrontmatter(skill, profile, folderName),
    ...checkLength(skill),
    ...checkLinks(skill, paths),
    ...(paths ? checkUnlinked(text, skill, paths) : []),
  ]
  const file = paths?.includes('skill.md') && !paths.includes('SKILL.md') ? 'skill.md' : 'SKILL.md'
  return findings
    .map((finding): Check => {
      const path = finding.path ?? file
      if (finding.code === 'YAML_INVALID' && skill.yamlError)
        return { ...finding, path, ...yamlPlace(text, skill.yamlError) }
      return finding.from === undefined ? { ...finding, path } : { ...finding, path, ...positionAt(text, finding.from) }
    })
    .sort((a, b) => ORDER[a.severity] - ORDER[b.severity] || (a.from ?? Infinity) - (b.from ?? Infinity) || 0)
}

/** From the place the parser names to the end of its line. */
function yamlPlace(text: string, error: { line: number; column: number }) {
  let from = 0
  for (let line = 1; line < error.line; line++) from = text.indexOf('\n', from) + 1
  from += error.column - 1
  const end = text.indexOf('\n', from)
  return { line: error.line, column: error.column, from, to: end === -1 ? text.length : end }
}
