import { createHash } from 'node:crypto'
import { type ClientBase, escapeLiteral } from 'pg'

/**
 * Every object of the schema with a hash of its definition: what two registries are compared by, and what `init` leaves
 * behind so that `doctor` can name an object that was changed by hand since. Names of members do not go into it.
 */
export type Fingerprint = Record<string, string>

const WHO_MAY_WHAT =
  "format('%s %s', CASE WHEN a.grantee = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(a.grantee) END, a.privilege_type)"
const RIGHTS = `string_agg(${WHO_MAY_WHAT}, ', ' ORDER BY ${WHO_MAY_WHAT})`

const DEFINITIONS = `
  SELECT 'table ' || c.relname::text AS name, concat_ws(' ', c.relkind, pg_get_userbyid(c.relowner), c.relrowsecurity, c.relforcerowsecurity,
    (SELECT string_agg(format('%s %s %s %s %s %s', a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attcollation::regcollation,
      a.attacl, pg_get_expr(d.adbin, d.adrelid)), ', ' ORDER BY a.attnum)
      FROM pg_attribute a LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
      WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped)) AS definition
  FROM pg_class c WHERE c.relnamespace = 'whetstone'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
  UNION ALL
  SELECT 'index ' || c.relname::text, pg_get_indexdef(c.oid) || ' ' || i.indisvalid::text
  FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'whetstone'::regnamespace
  UNION ALL
  SELECT 'constraint ' || conrelid::regclass::text || ' ' || conname, pg_get_constraintdef(oid) || ' ' || convalidated::text
  FROM pg_constraint WHERE connamespace = 'whetstone'::regnamespace AND contype <> 'n'
  UNION ALL
  SELECT 'policy ' || polrelid::regclass::text || ' ' || polname, concat_ws(' ', polpermissive, polcmd, pg_get_expr(polqual, polrelid),
    pg_get_expr(polwithcheck, polrelid), (SELECT string_agg(CASE WHEN r = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r) END, ',' ORDER BY CASE WHEN r = 0 THEN 'PUBLIC' ELSE pg_get_userbyid(r) END) FROM unnest(polroles) r))
  FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = 'whetstone'::regnamespace
  UNION ALL
  SELECT 'trigger ' || tgrelid::regclass::text || ' ' || tgname, pg_get_triggerdef(t.oid) || ' ' || tgenabled::text
  FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = 'whetstone'::regnamespace AND NOT tgisinternal
  UNION ALL
  SELECT 'function ' || p.oid::regprocedure::text, pg_get_functiondef(p.oid) || ' ' || pg_get_userbyid(proowner)::text
  FROM pg_proc p WHERE pronamespace = 'whetstone'::regnamespace AND prokind IN ('f', 'p')
  UNION ALL
  SELECT 'rights on ' || c.relname::text, (SELECT ${RIGHTS}
    FROM aclexplode(coalesce(c.relacl, acldefault('r', c.relowner))) a)
  FROM pg_class c WHERE c.relnamespace = 'whetstone'::regnamespace AND c.relkind IN ('r', 'p', 'v', 'm', 'f')
  UNION ALL
  SELECT 'rights on ' || p.oid::regprocedure::text, (SELECT ${RIGHTS}
    FROM aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) a)
  FROM pg_proc p WHERE pronamespace = 'whetstone'::regnamespace
  UNION ALL
  SELECT 'schema', concat_ws(' ', pg_get_userbyid(nspowner), (SELECT ${RIGHTS}
    FROM aclexplode(nspacl) a))
  FROM pg_namespace WHERE nspname = 'whetstone'`

export async function readDefinitions(client: ClientBase): Promise<Map<string, string>> {
  const { rows } = await client.query<{ name: string; definition: string | null }>(`${DEFINITIONS} ORDER BY 1`)
  return new Map(rows.map(row => [row.name.replaceAll('whetstone.', ''), row.definition ?? '']))
}

export async function readFingerprint(client: ClientBase): Promise<Fingerprint> {
  const definitions = await readDefinitions(client)
  return Object.fromEntries(
    [...definitions].map(([name, text]) => [name, createHash('sha256').update(text).digest('hex').slice(0, 12)]),
  )
}

/** Kept as the schema's comment: it goes where the schema goes, and needs no table of its own. */
export async function recordFingerprint(client: ClientBase): Promise<void> {
  const text = JSON.stringify(await readFingerprint(client))
  await client.query('BEGIN')
  await client.query(`SET LOCAL ROLE whetstone_owner; COMMENT ON SCHEMA whetstone IS ${escapeLiteral(text)}`)
  await client.query('COMMIT')
}

export async function recordedFingerprint(client: ClientBase): Promise<Fingerprint | undefined> {
  const { rows } = await client.query<{ text: string | null }>(
    "SELECT obj_description('whetstone'::regnamespace, 'pg_namespace') AS text",
  )
  try {
    const parsed: unknown = JSON.parse(rows[0]?.text ?? '')
    if (typeof parsed !== 'object' || parsed === null) return undefined
    return Object.fromEntries(Object.entries(parsed).map(([name, hash]) => [name, String(hash)]))
  } catch {
    return undefined
  }
}
