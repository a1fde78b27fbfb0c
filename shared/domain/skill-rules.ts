/**
 * The rules for frontmatter, by profile (sources in skill-profiles.ts; the refusal of angle brackets is skill-creator's, anthropics/skills,
 * quick_validate.py).
 */
import { setField } from './skill-edit.ts'
import { fieldNamed, notText, textOf, top, valueSpan } from './skill-finding.ts'
import { checkName } from './skill-name.ts'
import { type FrontmatterField, parseSkillMd, type SkillMd } from './skill-parse.ts'
import { CLAUDE_CODE, type Finding, LIMITS, type Profile, SEVERITY, SPECIFIED } from './skill-profiles.ts'
import { readAsReference } from './skill-reference.ts'
import { isRecord } from './skill-yaml.ts'
import { checkLosses } from './skill-yaml-loss.ts'
import { codePoints, figure } from './text.ts'

/** Checks the frontmatter of `text`, which `skill` was read from. A folder name that is not known is not compared. */
export function checkFrontmatter(
  text: string,
  skill: SkillMd,
  profile: Profile,
  folderName: string | undefined,
): Finding[] {
  const found = checkByteOrderMark(text, profile)
  const read = profile === 'reference' ? readAsReference(text, skill) : { skill, findings: [] }
  if (read.skill.missing) return [...found, missingFrontmatter(read.skill.missing)]
  return [...found, ...read.findings, ...checkFields(text, read.skill, profile, folderName)]
}

function checkFields(text: string, skill: SkillMd, profile: Profile, folderName: string | undefined): Finding[] {
  if (skill.yamlError) return [invalidYaml(text, skill, skill.yamlError)]
  return [
    ...checkName(skill, profile, folderName),
    ...checkDescription(skill, profile),
    ...checkCompatibility(skill, profile),
    ...checkLicense(skill, profile),
    ...checkMetadata(skill, profile),
    ...checkAllowedTools(skill, profile),
    ...checkOtherFields(skill, profile),
    ...checkLosses(text, skill),
    ...(profile === 'claude-code' ? checkClaudeCodeValues(skill) : []),
  ]
}

function invalidYaml(text: string, skill: SkillMd, error: { message: string; offset: number }): Finding {
  const lineEnd = text.indexOf('\n', error.offset)
  return {
    code: 'YAML_INVALID',
    severity: 'error',
    from: error.offset,
    to: lineEnd === -1 ? text.length : lineEnd,
    message: indentedField(skill, error.offset) ?? error.message,
    ...quotingFix(text, skill, error.offset),
  }
}

/** Most broken frontmatter is a plain text with a colon or a bracket in it, in one line or several: quotes mend it, if they do. */
function quotingFix(text: string, skill: SkillMd, offset: number): Pick<Finding, 'fix'> {
  const field = skill.fields.findLast(each => each.from <= offset)
  if (!field || field.source === '' || /^[|>]/.test(field.source)) return {}
  const value = /^["']/.test(field.source) ? withinQuotes(field.source) : lines(field.source).join(' ')
  // A line further in that is a field itself was not meant as text.
  if (value === undefined || lines(field.source).slice(1).some(isField)) return {}
  const edited = setField(text, field.key, value)
  if (edited === text) return {}
  const mended = parseSkillMd(edited).yamlError
  if (mended && mended.offset <= field.to) return {}
  return { fix: { label: 'Put the value in quotes', key: field.key, value } }
}

/** `description: x`, and in the line below it, indented, `license: MIT`: the parser's own message is about quotes. */
function indentedField(skill: SkillMd, offset: number): string | undefined {
  const field = skill.fields.findLast(each => each.from <= offset)
  const inner =
    field && /^[|>"'[{]/.test(field.source)
      ? undefined
      : lines(field?.source ?? '')
          .slice(1)
          .find(isField)
  if (field === undefined || inner === undefined || field.source === '') return undefined
  const key = inner.slice(0, inner.indexOf(':'))
  return `The frontmatter is not valid YAML: “${key}” is indented, so it goes on with “${field.key}”; take away the blanks in front of it.`
}

const lines = (source: string): string[] => source.split(/\s*\n\s*/)
const isField = (line: string): boolean => {
  const key = /^([\w-]+):(?:\s|$)/.exec(line)?.[1]
  return key !== undefined && (SPECIFIED.includes(key) || CLAUDE_CODE.includes(key))
}

/** `"C:\dir"`: a backslash that YAML does not know as an escape was meant as one; what else is wrong with quotes nobody can guess. */
function withinQuotes(source: string): string | undefined {
  const inner = /^"([^"\n]*)"$/.exec(source)?.[1]
  return inner?.includes('\\') ? inner : undefined
}

function checkByteOrderMark(text: string, profile: Profile): Finding[] {
  if (!text.startsWith('\uFEFF')) return []
  const severity = profile === 'reference' ? 'error' : 'warning'
  const message = 'The file starts with a byte order mark, so that some agents do not find the frontmatter.'
  return [{ code: 'BYTE_ORDER_MARK', severity, from: 0, to: 1, message }]
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
  const entries = new Map(skill.metadata.map(entry => [entry.key, entry]))
  return Object.entries(field.value).flatMap(([key, value]): Finding[] => {
    if (typeof value === 'string') return []
    const scalar = value !== null && typeof value !== 'object'
    // The reference validator reads scalars as text, so only lists and maps stand out there.
    if (profile === 'reference' && (scalar || value === null)) return []
    const entry = entries.get(key) ?? field
    return [
      {
        code: 'METADATA_NOT_TEXT',
        severity,
        ...valueSpan(entry),
        message: `The metadata’s ${key} must be text${scalar ? `: write ${entry.source} in quotes` : ''}.`,
        ...(scalar ? { fix: { label: 'Write it in quotes', key: `metadata.${key}`, value: entry.source } } : {}),
      },
    ]
  })
}

function checkAllowedTools(skill: SkillMd, profile: Profile): Finding[] {
  const field = fieldNamed(skill, 'allowed-tools')
  if (!field) return []
  const line = textOf(field, profile)
  if (line !== undefined) return profile === 'claude-code' ? [] : checkToolCommas(field, line)
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

/** Claude Code splits at commas as well; by the specification 'Read, Grep' names the tools 'Read,' and 'Grep'. */
function checkToolCommas(field: FrontmatterField, line: string): Finding[] {
  const value = line.replace(/,\s*(?![^(]*\))/g, ' ').trim()
  if (value === line.trim()) return []
  return [
    {
      code: 'ALLOWED_TOOLS_COMMAS',
      severity: 'warning',
      ...valueSpan(field),
      message: 'The allowed-tools are separated by spaces, not by commas.',
      fix: { label: 'Write with spaces', key: 'allowed-tools', value },
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

/** Values of Claude Code's own fields that it would not understand ('Frontmatter reference'). */
function checkClaudeCodeValues(skill: SkillMd): Finding[] {
  const odd = (field: FrontmatterField, message: string): Finding => ({
    code: 'FIELD_VALUE',
    severity: 'warning',
    ...valueSpan(field),
    message,
  })
  return skill.fields.flatMap(field => {
    const isSwitch = field.key === 'disable-model-invocation' || field.key === 'user-invocable'
    if (isSwitch && typeof field.value !== 'boolean')
      return [odd(field, `The field “${field.key}” is either true or false.`)]
    if (field.key === 'context' && field.value !== 'fork') return [odd(field, 'The field “context” can only be fork.')]
    return []
  })
}
