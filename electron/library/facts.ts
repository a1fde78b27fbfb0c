import type { TokenTiers } from '../../shared/domain/tokens.ts'
import type { Library } from './library.ts'
import type { FactsRecord } from './schema-local.ts'

/** What is counted once for each version, for versions never change: tokens, and findings of the strict profile. */
export type Facts = { tokens: TokenTiers; errors: number; warnings: number }

export function findFacts(library: Library, versionId: string): Facts | undefined {
  const row = library.find<FactsRecord>('SELECT * FROM version_facts WHERE skill_version_id = ?', versionId)
  return (
    row && {
      tokens: { always: row.tokens_always, onTrigger: row.tokens_on_trigger, onDemand: row.tokens_on_demand },
      errors: row.errors,
      warnings: row.warnings,
    }
  )
}

export function putFacts(library: Library, versionId: string, facts: Facts): void {
  library.run(
    `INSERT OR REPLACE INTO version_facts (skill_version_id, tokens_always, tokens_on_trigger, tokens_on_demand, errors, warnings)
     VALUES (?, ?, ?, ?, ?, ?)`,
    versionId,
    facts.tokens.always,
    facts.tokens.onTrigger,
    facts.tokens.onDemand,
    facts.errors,
    facts.warnings,
  )
}
