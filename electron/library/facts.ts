import type { Profile } from '../../shared/domain/skill-md.ts'
import type { TokenTiers } from '../../shared/domain/tokens.ts'
import type { Library } from './library.ts'
import type { FactsRecord } from './schema-local.ts'

export type CheckCounts = { errors: number; warnings: number }
/** What is counted once for each version, for versions never change: tokens, and the findings of every profile. */
export type Facts = { tokens: TokenTiers; checks: Record<Profile, CheckCounts> }

const PROFILES = ['strict', 'reference', 'claude-code'] as const satisfies Profile[]
/** Which columns hold a profile's counts. */
export const CHECK_COLUMNS = {
  strict: { errors: 'errors', warnings: 'warnings' },
  reference: { errors: 'reference_errors', warnings: 'reference_warnings' },
  'claude-code': { errors: 'claude_code_errors', warnings: 'claude_code_warnings' },
} as const satisfies Record<Profile, Record<keyof CheckCounts, keyof FactsRecord>>

export function findFacts(library: Library, versionId: string): Facts | undefined {
  const row = library.find<FactsRecord>('SELECT * FROM version_facts WHERE skill_version_id = ?', versionId)
  if (!row) return undefined
  const countsOf = (profile: Profile): CheckCounts => {
    const { errors, warnings } = CHECK_COLUMNS[profile]
    return { errors: row[errors], warnings: row[warnings] }
  }
  return {
    tokens: { always: row.tokens_always, onTrigger: row.tokens_on_trigger, onDemand: row.tokens_on_demand },
    checks: {
      strict: countsOf('strict'),
      reference: countsOf('reference'),
      'claude-code': countsOf('claude-code'),
    },
  }
}

export function putFacts(library: Library, versionId: string, { tokens, checks }: Facts): void {
  const columns = PROFILES.flatMap(profile => Object.values(CHECK_COLUMNS[profile]))
  library.run(
    `INSERT OR REPLACE INTO version_facts
       (skill_version_id, tokens_always, tokens_on_trigger, tokens_on_demand, ${columns.join(', ')})
     VALUES (?, ?, ?, ?, ${columns.map(() => '?').join(', ')})`,
    versionId,
    tokens.always,
    tokens.onTrigger,
    tokens.onDemand,
    ...PROFILES.flatMap(profile => [checks[profile].errors, checks[profile].warnings]),
  )
}
