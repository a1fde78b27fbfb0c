import type { SkillRow } from '../../shared/contract/skills.ts'
import { type CommandLine, EXIT, type Exit, table } from './shared.ts'

const PAGE = 500

/** Every skill, or those a search finds, page by page. */
export async function list(line: CommandLine, query: string): Promise<Exit> {
  const rows: SkillRow[] = []
  for (let offset = 0; ; offset += PAGE) {
    const page = await line.api.skills.list({ tenantId: line.tenantId, query, offset, limit: PAGE })
    rows.push(...page.rows)
    if (rows.length >= page.total || page.rows.length === 0) break
  }
  if (line.json) line.print(JSON.stringify(rows, null, 2))
  else if (rows.length > 0) line.print(table([HEAD, ...rows.map(cells)]))
  line.remark(rows.length === 1 ? '1 skill' : `${rows.length} skills`)
  return EXIT.done
}

const HEAD = ['SKILL', 'NEWEST', 'STATE', 'ERRORS', 'TOKENS', 'DESCRIPTION']

const cells = (row: SkillRow): string[] => [
  row.slug,
  row.newest?.number ? `v${row.newest.number}` : '–',
  row.changed ? `${row.status}, changed` : row.status,
  row.checks === null ? '–' : String(row.checks.errors),
  row.tokens === null ? '–' : `${row.tokens.always} · ${row.tokens.onTrigger}`,
  [...row.description.replace(/\s+/g, ' ')].slice(0, 80).join(''),
]
