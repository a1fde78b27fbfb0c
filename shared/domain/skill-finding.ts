/**
 * Parts the rules share: where a finding points, and when a value counts as text.
 */
import type { FrontmatterField, SkillMd } from './skill-parse.ts'
import type { Finding, Profile, Severity } from './skill-profiles.ts'

export const fieldNamed = (skill: SkillMd, key: string) => skill.fields.find(field => field.key === key)
export const valueSpan = (field: FrontmatterField) =>
  field.source === '' ? { from: field.from, to: field.keyTo } : { from: field.valueFrom, to: field.to }
/** The reference validator reads every scalar as text (strictyaml); the specification's strings are YAML's own. */
export function textOf(field: FrontmatterField, profile: Profile): string | undefined {
  if (typeof field.value === 'string') return field.value
  return profile === 'reference' && (field.value === null || typeof field.value !== 'object') ? field.source : undefined
}

export function notText(field: FrontmatterField, label: string, severity: Severity): Finding {
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

export const top = (skill: SkillMd) => ({ from: skill.frontmatter?.from ?? 0, to: skill.frontmatter?.from ?? 0 })
