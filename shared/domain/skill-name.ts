/**
 * The rules for `name` (Agent Skills specification, '`name` field'; reference validator, `_validate_name`).
 */
import { fieldNamed, notText, textOf, top, valueSpan } from './skill-finding.ts'
import type { SkillMd } from './skill-parse.ts'
import { type Finding, LIMITS, type Profile, SEVERITY } from './skill-profiles.ts'
import { codePoints, figure } from './text.ts'

export function checkName(skill: SkillMd, profile: Profile, folderName: string | undefined): Finding[] {
  const field = fieldNamed(skill, 'name')
  const folder =
    folderName === undefined ? undefined : profile === 'reference' ? folderName.normalize('NFKC') : folderName
  const fix =
    folder !== undefined && nameProblems(folder, profile).length === 0
      ? { fix: { label: `Use the folder’s name, ${folder}`, key: 'name', value: folder } }
      : {}
  if (!field)
    return [
      {
        code: 'NAME_MISSING',
        severity: SEVERITY[profile].absent,
        ...top(skill),
        message: 'The name is missing.',
        ...fix,
      },
    ]
  const value = textOf(field, profile)
  if (value === undefined && field.value !== null) return [notText(field, 'The name', 'error')]
  const name = profile === 'reference' ? (value ?? '').trim().normalize('NFKC') : (value ?? '')
  if (name.trim() === '')
    return [
      {
        code: 'NAME_EMPTY',
        severity: SEVERITY[profile].absent,
        ...valueSpan(field),
        message: 'The name is empty.',
        ...fix,
      },
    ]
  const slug = suggestName(name)
  const repair =
    'fix' in fix ? fix : slug === undefined ? {} : { fix: { label: `Rename to ${slug}`, key: 'name', value: slug } }
  const found: Finding[] = nameProblems(name, profile).map(([problem, message]) => ({
    code: problem,
    severity: 'error',
    ...valueSpan(field),
    message,
    ...repair,
  }))
  if (folder !== undefined && folder !== name)
    found.push({
      code: 'NAME_NOT_FOLDER',
      severity: SEVERITY[profile].folder,
      ...valueSpan(field),
      message: `The name is “${name}”, the folder is “${folderName}”: they must be equal.`,
      ...fix,
    })
  return found
}

/** `^[a-z0-9]+(-[a-z0-9]+)*$` up to 64, told apart by what is wrong; the reference validator takes any letter or digit of Unicode. */
function nameProblems(name: string, profile: Profile): [code: string, message: string][] {
  const problems: [string, string][] = []
  const length = codePoints(name)
  if (length > LIMITS.name)
    problems.push(['NAME_TOO_LONG', `The name has ${figure(length)} characters; ${LIMITS.name} are allowed.`])
  if (name !== name.toLowerCase()) problems.push(['NAME_UPPERCASE', 'The name must be in lower case.'])
  if (name.startsWith('-') || name.endsWith('-'))
    problems.push(['NAME_HYPHEN_EDGE', 'The name must not start or end with a hyphen.'])
  if (name.includes('--')) problems.push(['NAME_HYPHEN_DOUBLE', 'The name must not have two hyphens in a row.'])
  const wrong = profile === 'reference' ? /[^\p{L}\p{N}-]/u.exec(name) : /[^a-z0-9-]/u.exec(name.toLowerCase())
  if (wrong) {
    const allowed = profile === 'reference' ? 'letters, digits and hyphens' : 'a–z, 0–9 and hyphens'
    problems.push(['NAME_CHARACTER', `The name has ${shownCharacter(wrong[0])}; only ${allowed} are allowed.`])
  }
  return problems
}

function shownCharacter(char: string): string {
  if (char === ' ') return 'a space'
  if (/[\p{L}\p{N}\p{P}\p{S}]/u.test(char)) return `“${char}”`
  return `the character U+${(char.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}`
}

/** 'My_Skill v2' → 'my-skill-v2'; undefined where nothing usable is left. */
function suggestName(name: string): string | undefined {
  const slug = name
    .normalize('NFKD')
    .replace(/\p{M}+/gu, '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, LIMITS.name)
    .replace(/^-+|-+$/g, '')
  return slug === '' || slug === name ? undefined : slug
}
