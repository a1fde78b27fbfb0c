/**
 * The three profiles a skill can be checked against, and what each knows. Sources: the Agent Skills specification
 * (agentskills.io/specification, 'Frontmatter'); its reference validator (agentskills/agentskills, skills-ref, validator.py);
 * Claude Code's documentation (code.claude.com/docs/en/skills, 'Frontmatter reference').
 */

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

export const SPECIFIED = ['name', 'description', 'license', 'compatibility', 'metadata', 'allowed-tools']
/** Beyond the specification; accepted by Claude Code ('Frontmatter reference'). */
export const CLAUDE_CODE = [
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
export const SEVERITY = {
  strict: {
    absent: 'error',
    folder: 'error',
    unknown: 'error',
    tools: 'error',
    metadata: 'error',
    compatibility: 'error',
    fileName: 'error',
  },
  reference: {
    absent: 'error',
    folder: 'error',
    unknown: 'error',
    tools: 'warning',
    metadata: 'warning',
    compatibility: 'warning',
    fileName: 'warning',
  },
  'claude-code': {
    absent: 'warning',
    folder: 'warning',
    unknown: 'warning',
    tools: 'warning',
    metadata: 'warning',
    compatibility: 'warning',
    fileName: 'warning',
  },
} as const satisfies Record<Profile, Record<string, Severity>>
