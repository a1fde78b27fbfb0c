import { foldName } from './paths.ts'
import { parseSkillMd } from './skill-parse.ts'

/**
 * Whether a SKILL.md has `hooks` in its frontmatter: commands that Claude Code runs by itself once the skill is chosen, whatever
 * tools it was allowed (its documentation of skills; tried with 2.1.332). Where it cannot be told for certain (broken YAML,
 * keys brought in by an alias) it counts as having some.
 */
export function declaresHooks(text: string): boolean {
  const { fields, frontmatter } = parseSkillMd(text)
  if (!frontmatter) return false
  if (fields.some(({ key }) => foldName(key) === 'hooks')) return true
  return (
    /^[ \t{?]*["']?hooks["']?[ \t]*:/im.test(frontmatter.text) || /^[ \t]*["']?<<["']?[ \t]*:/m.test(frontmatter.text)
  )
}

/** A skill's own file, or one in a folder of it that an agent may take for another skill. */
export const mayDeclareHooks = (path: string): boolean => foldName(path.slice(path.lastIndexOf('/') + 1)) === 'skill.md'
