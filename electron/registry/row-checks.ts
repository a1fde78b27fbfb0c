import { emptyJson } from '../../shared/domain/rows/columns.ts'
import { JSON_DEPTH, type JsonRule } from '../../shared/domain/rows/json.ts'
import { type ColumnRule, MOST_ID, RESERVED_IDS } from '../../shared/domain/rows/rules.ts'
import { rulesOf, SYNCED_NAMES, type SyncedName } from '../../shared/domain/rows/synced.ts'
import { UNSAFE_IN_LINES } from '../../shared/domain/rows/text.ts'
import { SLUG_BYTES, SLUG_CHARACTERS } from '../../shared/domain/slug.ts'
import { NOT_FIRST_IN_SLUGS, REFUSED_IN_SLUGS } from '../../shared/domain/slug-characters.ts'

/**
 * The rules of synced rows (shared/domain/rows/synced.ts) as SQL: what migrations/postgres/0170 and 0260 hold, which a test compares.
 * Conditions are immutable, and need no more than Postgres 16; a null passes, for whether it may be null is the column's.
 */
export type Check = {
  column: string
  condition: string
  /** What the registry's migration puts in the place of a value that breaks it; undefined: nothing can be. */
  instead: string | undefined
}

/** Columns that have a condition, in the table's order. */
export const checksOf = (name: SyncedName): Check[] =>
  rulesOf(name).flatMap(([column, rule]) => {
    const condition = conditionOf(column, rule)
    return condition === undefined ? [] : [{ column, condition, instead: insteadOf(column, rule) }]
  })

export const constraintOf = (table: string, column: string): string => `${table}_${column}_rule`

function conditionOf(column: string, rule: ColumnRule): string | undefined {
  switch (rule.kind) {
    case 'id':
      if (rule.refers) return undefined
      return `${bytes(column)} <= ${MOST_ID} AND ${column} COLLATE "C" ~ '^[A-Za-z0-9][A-Za-z0-9_-]*$' AND ${column} NOT IN (${RESERVED_IDS.map(quoted).join(', ')})`
    case 'slug':
      return slugCondition(column)
    case 'hash':
      return `${column} COLLATE "C" ~ '^[0-9a-f]{64}$'`
    case 'line':
      return `${bytes(column)} BETWEEN ${rule.least} AND ${rule.most} AND ${column} COLLATE "C" !~ '${UNSAFE_IN_LINES}'`
    case 'text':
      return [
        `${bytes(column)} <= ${rule.most}`,
        ...(rule.characters === undefined ? [] : [`char_length(${column}) <= ${rule.characters}`]),
      ].join(' AND ')
    // Of doubles too: NaN is greater than every number.
    case 'whole':
    case 'real':
      return `${column} BETWEEN ${rule.least} AND ${rule.most}`
    case 'choice':
      return `${column} IN (${rule.values.map(quoted).join(', ')})`
    case 'json': {
      const kind = rule.rule.is === 'list' ? 'ARRAY' : 'OBJECT'
      const path = `strict $ ? (${brokenIn(rule.rule, '@')} || exists(@.**{${JSON_DEPTH} to last} ? (@.type() == "object" || @.type() == "array")))`
      return `${column} = '${emptyJson(rule.rule)}' OR ${bytes(column)} <= ${rule.most} AND CASE WHEN ${column} IS JSON ${kind} THEN NOT jsonb_path_exists(${column}::jsonb, '${path}') ELSE false END`
    }
    case 'derived':
      return undefined
    default:
      return rule satisfies never
  }
}

const bytes = (column: string): string => `octet_length(${column})`
const quoted = (text: string): string => `'${text}'`

const escaped = (code: number): string =>
  code < 0x10000 ? `\\u${code.toString(16).padStart(4, '0')}` : `\\U${code.toString(16).padStart(8, '0')}`

const classOf = (ranges: typeof REFUSED_IN_SLUGS): string =>
  ranges.map(([first, last]) => (first === last ? escaped(first) : `${escaped(first)}-${escaped(last)}`)).join('')

/** As isSlug (shared/domain/slug.ts), from the same ranges. */
function slugCondition(column: string): string {
  return [
    `char_length(${column}) BETWEEN 1 AND ${SLUG_CHARACTERS}`,
    `${bytes(column)} <= ${SLUG_BYTES}`,
    `${column} COLLATE "C" !~ '[${classOf(REFUSED_IN_SLUGS)}]'`,
    `${column} COLLATE "C" !~ '^[${classOf(NOT_FIRST_IN_SLUGS)}]|[.]$'`,
    `${column} COLLATE "C" !~* '^(con|prn|aux|nul|(com|lpt)[0-9\\u00b9\\u00b2\\u00b3])([.]|$)'`,
  ].join(' AND ')
}

/**
 * A predicate of SQL/JSON paths (strict mode) that is true where the value at `at` breaks the rule. What is not there is
 * 'unknown', which breaks nothing unless it is needed.
 */
function brokenIn(rule: JsonRule, at: string): string {
  const broken = brokenPlain(rule, at)
  return rule.null ? `(${at}.type() != "null" && (${broken}))` : broken
}

function brokenPlain(rule: JsonRule, at: string): string {
  switch (rule.is) {
    case 'text':
      return `${at}.type() != "string"`
    case 'number': {
      const fraction = rule.whole ? ` || ${at}.floor() != ${at}` : ''
      return `${at}.type() != "number" || ${at} < ${rule.least} || ${at} > ${rule.most}${fraction}`
    }
    case 'list': {
      const item = rule.of.map(one => `(${brokenIn(one, '@')})`).join(' && ')
      return `${at}.type() != "array" || ${at}.size() > ${rule.most} || exists(${at}[*] ? (${item}))`
    }
    case 'object': {
      const fields = Object.entries(rule.fields).flatMap(([key, field]) => [
        ...(field.needed ? [`(${at}.type() == "object" && (exists(${at}.${key})) is unknown)`] : []),
        brokenIn(field, `${at}.${key}`),
      ])
      return [`${at}.type() != "object"`, ...fields].join(' || ')
    }
    default:
      return rule satisfies never
  }
}

/** Line breaks and tabs part words; what is not seen parts none. */
const plain = (column: string): string =>
  `btrim(regexp_replace(regexp_replace(${column}, '[\\u0001-\\u001f\\u007f-\\u009f\\u2028\\u2029]+', ' ', 'g'), '${UNSAFE_IN_LINES}', '', 'g'))`

function insteadOf(column: string, rule: ColumnRule): string | undefined {
  switch (rule.kind) {
    case 'id':
      return rule.null ? 'NULL' : undefined
    case 'slug':
      // Two that were different stay so.
      return `concat_ws('-', nullif(left(btrim(regexp_replace(lower(${column}), '[^a-z0-9]+', '-', 'g'), '-'), 40), ''), left(md5(tenant_id || ' ' || id), 12))`
    case 'line':
      return rule.null
        ? `nullif(${plain(`left(${column}, ${rule.most >> 2})`)}, '')`
        : `coalesce(nullif(${plain(`left(${column}, ${rule.most >> 2})`)}, ''), '?')`
    case 'text':
      return `left(${column}, ${rule.characters ?? rule.most >> 2})`
    case 'whole':
      return rule.null ? 'NULL' : String(rule.least)
    case 'real':
      return rule.null ? 'NULL' : String(rule.otherwise ?? rule.least)
    case 'json':
      return quoted(emptyJson(rule.rule))
    case 'hash':
    case 'choice':
    case 'derived':
      return undefined
    default:
      return rule satisfies never
  }
}

/** The rules as rows of SQL: ('skills', 'slug', condition, what instead). The newest migration that says one says exactly this. */
export const rulesInSql = (): string[] =>
  SYNCED_NAMES.flatMap(name =>
    checksOf(name).map(
      ({ column, condition, instead }) =>
        `  ('${name}', '${column}',\n    $rule$${condition}$rule$,\n    ${instead === undefined ? 'NULL' : `$rule$${instead}$rule$`})`,
    ),
  )
