/**
 * The rules for frontmatter, by profile. Sources: the Agent Skills specification (agentskills.io/specification, 'Frontmatter'); its
 * reference validator (agentskills/agentskills, skills-ref, validator.py); Claude Code's documentation (code.claude.com/docs/en/skills,
 * 'Frontmatter reference'); skill-creator's quick_validate.py (anthropics/skills).
 */
import { type FrontmatterField, isRecord, type SkillMd } from './skill-parse.ts'
import { codePoints, figure } from './text.ts'

export type Profile = 'strict' | 'reference' | 'claude-code'
export type Severity = 'error' | 'warning' | 'advice'

export type Check = {
  code: string
  severity: Severity
  /** A plain sentence, with figures: 'The description has 1,093 characters; 1,024 are allowed.' */
  message: string
  /** The file it is about, relative to the skill's folder. */
  path: string
  /** Both from 1. */
  line?: number
  column?: number
  /** UTF-16 offsets into SKILL.md. */
  from?: number
  to?: number
  /** One `setField` that mends it. */
  fix?: { label: string; key: string; value: string }
}

/** A finding before its line and column are known. */
export type Finding = Omit<Check, 'path' | 'line' | 'column'> & { path?: string }

export const LIMITS = { name: 64, description: 1024, compatibility: 500 } as const

const SPECIFIED = ['name', 'description', 'license', 'compatibility', 'metadata', 'allowed-tools']
/** Beyond the specification; accepted by Claude Code ('Frontmatter reference'). */
const CLAUDE_CODE = [
  'argument-hint',
  'disable-model-invocation',
  'user-invocable',
  'model',
  'context',
  'agent',
  'hooks',
  'effort',
  'when_to_use',
  'arguments',
  'disallowed-tools',
  'paths',
  'shell',
]

/**
 * What each profile makes of a broken rule. Claude Code falls back to the folder's name and the body's first paragraph,
 * and splits tools given as a list, so there these warn of other agents only.
 */
const SEVERITY = {
  strict: {
    absent: 'error',
    folder: 'error',
    unknown: 'error',
    tools: 'error',
    metadata: 'error',
    compatibility: 'error',
  },
  reference: {
    absent: 'error',
    folder: 'error',
    unknown: 'error',
    tools: 'warning',
    metadata: 'warning',
    compatibility: 'warning',
  },
  'claude-code': {
    absent: 'warning',
    folder: 'warning',
    unknown: 'warning',
    tools: 'warning',
    metadata: 'warning',
    compatibility: 'warning',
  },
} as const satisfies Record<Profile, Record<string, Severity>>

/** Checks the frontmatter. A folder name that is not known (undefined) is not compared. */
export function checkFrontmatter(skill: SkillMd, profile: Profile, folderName: string | undefined): Finding[] {
  if (skill.missing) return [missingFrontmatter(skill.missing)]
  if (skill.yamlError) {
    const { message } = skill.yamlError
    return [
      { code: 'YAML_INVALID', severity: 'error', message: `The frontmatter is not valid YAML: ${lowerFirst(message)}` },
    ]
  }
  return [
    ...checkName(skill, profile, folderName),
    ...checkDescription(skill, profile),
    ...checkCompatibility(skill, profile),
    ...checkLicense(skill, profile),
    ...checkMetadata(skill, profile),
    ...checkAllowedTools(skill, profile),
    ...checkOtherFields(skill, profile),
  ]
}

function missingFrontmatter(missing: 'no-frontmatter' | 'unclosed'): Finding {
  return missing === 'unclosed'
    ? {
        code: 'FRONTMATTER_UNCLOSED',
        severity: 'error',
        from: 0,
        to: 3,
        message: 'The frontmatter is never closed: a line of --- is missing after it.',
      }
    : {
        code: 'FRONTMATTER_MISSING',
        severity: 'error',
        from: 0,
        to: 0,
        message: 'There is no frontmatter: SKILL.md starts with a line of ---, then name and description, then ---.',
      }
}

const fieldNamed = (skill: SkillMd, key: string) => skill.fields.find(field => field.key === key)
const valueSpan = (field: FrontmatterField) =>
  field.source === '' ? { from: field.from, to: field.keyTo } : { from: field.valueFrom, to: field.to }
const lowerFirst = (message: string) => message.charAt(0).toLowerCase() + message.slice(1)

/** The reference validator reads every scalar as text (strictyaml); the specification's strings are YAML's own. */
function textOf(field: FrontmatterField, profile: Profile): string | undefined {
  if (typeof field.value === 'string') return field.value
  return profile === 'reference' && (field.value === null || typeof field.value !== 'object') ? field.source : undefined
}

function notText(field: FrontmatterField, label: string, severity: Severity): Finding {
  const scalar = field.value !== null && typeof field.value !== 'object'
  return {
    code: `${code(field.key)}_NOT_TEXT`,
    severity,
    ...valueSpan(field),
    message: scalar ? `${label} must be text: write ${field.source} in quotes.` : `${label} must be text.`,
    ...(scalar ? { fix: { label: 'Write it in quotes', key: field.key, value: field.source } } : {}),
  }
}

const code = (key: string) => key.toUpperCase().replace(/[^A-Z0-9]+/g, '_')

function checkName(skill: SkillMd, profile: Profile, folderName: string | undefined): Finding[] {
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

const top = (skill: SkillMd) => ({ from: skill.frontmatter?.from ?? 0, to: skill.frontmatter?.from ?? 0 })

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

function checkDescription(skill: SkillMd, profile: Profile): Finding[] {
  const field = fieldNamed(skill, 'description')
  const severity = SEVERITY[profile].absent
  if (!field) return [{ code: 'DESCRIPTION_MISSING', severity, ...top(skill), message: 'The description is missing.' }]
  const value = textOf(field, profile)
  if (value === undefined && field.value !== null) return [notText(field, 'The description', 'error')]
  if ((value ?? '').trim() === '')
    return [{ code: 'DESCRIPTION_EMPTY', severity, ...valueSpan(field), message: 'The description is empty.' }]
  const found: Finding[] = []
  const length = codePoints(value ?? '')
  if (length > LIMITS.description)
    found.push({
      code: 'DESCRIPTION_TOO_LONG',
      severity: 'error',
      ...valueSpan(field),
      message: `The description has ${figure(length)} characters; ${figure(LIMITS.description)} are allowed.`,
    })
  if (/[<>]/.test(value ?? ''))
    found.push({
      code: 'DESCRIPTION_ANGLE_BRACKET',
      severity: 'warning',
      ...valueSpan(field),
      message: 'The description has < or >, which skill-creator’s validator refuses.',
    })
  return found
}

function checkCompatibility(skill: SkillMd, profile: Profile): Finding[] {
  const field = fieldNamed(skill, 'compatibility')
  if (!field) return []
  const value = textOf(field, profile)
  if (value === undefined && field.value !== null) {
    return [notText(field, 'The compatibility', profile === 'reference' ? 'error' : SEVERITY[profile].compatibility)]
  }
  const length = codePoints(value ?? '')
  if (length === 0)
    return [
      {
        code: 'COMPATIBILITY_EMPTY',
        severity: SEVERITY[profile].compatibility,
        ...valueSpan(field),
        message: 'The compatibility is empty; leave the field out instead.',
      },
    ]
  if (length <= LIMITS.compatibility) return []
  return [
    {
      code: 'COMPATIBILITY_TOO_LONG',
      severity: 'error',
      ...valueSpan(field),
      message: `The compatibility has ${figure(length)} characters; ${LIMITS.compatibility} are allowed.`,
    },
  ]
}

function checkLicense(skill: SkillMd, profile: Profile): Finding[] {
  const field = fieldNamed(skill, 'license')
  return field && textOf(field, profile) === undefined ? [notText(field, 'The license', 'warning')] : []
}

function checkMetadata(skill: SkillMd, profile: Profile): Finding[] {
  const field = fieldNamed(skill, 'metadata')
  if (!field) return []
  const severity = SEVERITY[profile].metadata
  if (!isRecord(field.value))
    return [
      {
        code: 'METADATA_NOT_MAP',
        severity,
        ...valueSpan(field),
        message: 'The metadata must be a list of “key: value” lines.',
      },
    ]
  return Object.entries(field.value).flatMap(([key, value]): Finding[] => {
    if (typeof value === 'string') return []
    // The reference validator reads scalars as text, so only what is no scalar stands out there.
    if (profile === 'reference' && (value === null || typeof value !== 'object')) return []
    const entry = skill.metadata.find(each => each.key === key) ?? field
    const scalar = value !== null && typeof value !== 'object'
    return [
      {
        code: 'METADATA_NOT_TEXT',
        severity,
        ...valueSpan(entry),
        message: scalar
          ? `The metadata’s ${key} must be text: write ${entry.source} in quotes.`
          : `The metadata’s ${key} must be text.`,
        ...(scalar ? { fix: { label: 'Write it in quotes', key: `metadata.${key}`, value: entry.source } } : {}),
      },
    ]
  })
}

function checkAllowedTools(skill: SkillMd, profile: Profile): Finding[] {
  const field = fieldNamed(skill, 'allowed-tools')
  if (!field || textOf(field, profile) !== undefined) return []
  const severity = SEVERITY[profile].tools
  const tools: unknown = field.value
  if (!Array.isArray(tools) || !tools.every(tool => typeof tool === 'string'))
    return [notText(field, 'The allowed-tools', severity)]
  const value = tools.join(' ')
  return [
    {
      code: 'ALLOWED_TOOLS_LIST',
      severity,
      ...valueSpan(field),
      message: 'The allowed-tools must be one line of text with spaces between the tools, not a list.',
      fix: { label: 'Write as one line', key: 'allowed-tools', value },
    },
  ]
}

function checkOtherFields(skill: SkillMd, profile: Profile): Finding[] {
  const known = profile === 'claude-code' ? [...SPECIFIED, ...CLAUDE_CODE] : SPECIFIED
  return skill.fields
    .filter(field => !known.includes(field.key))
    .map(field => ({
      code: 'FIELD_UNKNOWN',
      severity: SEVERITY[profile].unknown,
      from: field.from,
      to: field.keyTo,
      message: unknownField(field.key, profile),
    }))
}

function unknownField(key: string, profile: Profile): string {
  if (profile === 'claude-code') return `Claude Code does not know the field “${key}”.`
  if (key === 'version') return 'There is no field “version” in the specification; metadata.version is the custom.'
  const accepted = CLAUDE_CODE.includes(key) ? ' Claude Code accepts it.' : ''
  return `The field “${key}” is not in the specification.${accepted}`
}
