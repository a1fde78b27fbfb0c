/**
 * Known mistakes, most of them made by somebody before: planted one at a time into a copy of the tree, each must turn the
 * suite named beside it red. A patch whose text is not found exactly once fails the gate, so that it follows the code.
 */
export type Mistake = {
  name: string
  edits: { file: string; find: string; replace: string }[]
  /** The cheapest suite that should see it; `test` narrows it down by title. */
  suite: { file: string; test?: string; env?: Record<string, string> }
}

const PUSH = 'test/registry/push.test.ts'

export const MISTAKES: readonly Mistake[] = [
  {
    name: 'library: an aggregate is not updated on delete',
    edits: [
      {
        file: 'migrations/sqlite/0020_triggers.sql',
        find: `CREATE TRIGGER ratings_discounted AFTER DELETE ON ratings
BEGIN
  UPDATE skill_totals SET ratings = ratings - 1,`,
        replace: `CREATE TRIGGER ratings_discounted AFTER DELETE ON ratings
BEGIN
  UPDATE skill_totals SET ratings = ratings,`,
      },
    ],
    suite: { file: 'electron/library/triggers.test.ts' },
  },
  {
    name: 'library: a version can be changed after it was numbered',
    edits: [
      {
        file: 'migrations/sqlite/0030_sync.sql',
        find: 'AND ((OLD.version IS NULL AND NEW.version IS NOT NULL)',
        replace: 'AND ((NEW.version IS NOT NULL)',
      },
    ],
    suite: { file: 'electron/library/triggers.test.ts', test: 'a version' },
  },
  {
    name: 'library: the published pointer moves without compare-and-set',
    edits: [
      {
        file: 'electron/library/skills.ts',
        find: 'WHERE id = @skillId AND published_version_id IS @expected',
        replace: 'WHERE id = @skillId AND (@expected IS NULL OR 1)',
      },
    ],
    suite: { file: 'electron/services/versions.test.ts' },
  },
  {
    name: 'merge: one side wins silently',
    edits: [
      {
        file: 'shared/domain/merge.ts',
        find: "this.list.push({ kind: 'conflict', ...texts })",
        replace: "this.list.push({ kind: 'left', text: texts.left })",
      },
    ],
    suite: { file: 'shared/domain/merge.test.ts' },
  },
  {
    name: 'registry: an aggregate is not updated on delete',
    edits: [
      {
        file: 'migrations/postgres/0060_totals.sql',
        find: "WHEN 'delete' THEN 'SELECT -1 AS sign, g.* FROM gone g'",
        replace: "WHEN 'delete' THEN 'SELECT 0 AS sign, g.* FROM gone g'",
      },
    ],
    suite: { file: PUSH },
  },
  {
    name: 'registry: version numbers without the skill’s lock',
    edits: [
      {
        file: 'migrations/postgres/0070_writing.sql',
        find: '  PERFORM whetstone.lock_skills(me.tenant_id, p_skill_ids);\n',
        replace: '',
      },
    ],
    suite: { file: PUSH, test: 'authors who number one skill at once' },
  },
  {
    name: 'registry: the published pointer moves without compare-and-set',
    edits: [
      {
        file: 'migrations/postgres/0070_writing.sql',
        find: 'ELSIF was.published_version_id IS DISTINCT FROM p_expected THEN',
        replace: 'ELSIF false THEN',
      },
    ],
    suite: { file: PUSH, test: 'publishing is compare-and-set' },
  },
  {
    name: 'registry: a conflicting version is acknowledged as identical',
    edits: [
      {
        file: 'migrations/postgres/0070_writing.sql',
        find: "        THEN 'identical' ELSE 'conflict' END,\n      v.version,",
        replace: "        THEN 'identical' ELSE 'identical' END,\n      v.version,",
      },
    ],
    suite: { file: PUSH, test: 'numbers versions in their order' },
  },
  {
    name: 'registry: what was deleted can be inserted again',
    edits: [
      {
        file: 'migrations/postgres/0080_writing_more.sql',
        find: "      WHEN was.id IS NULL AND gone.id IS NOT NULL THEN 'deleted'\n",
        replace: '',
      },
    ],
    suite: { file: PUSH },
  },
  {
    name: 'registry: the tenant comes from a setting',
    edits: [
      {
        file: 'migrations/postgres/0030_tenancy.sql',
        find: 'AS $$ SELECT tenant_id FROM whetstone.current_member() $$;',
        replace:
          "AS $$ SELECT coalesce(NULLIF(current_setting('app.tenant', true), ''), tenant_id) FROM whetstone.current_member() $$;",
      },
    ],
    suite: { file: 'test/registry/attacks-reading.test.ts' },
  },
  {
    name: 'registry: row-level security is not forced on the owner',
    edits: [
      {
        file: 'migrations/postgres/0040_policies.sql',
        find: "    EXECUTE format('ALTER TABLE whetstone.%I FORCE ROW LEVEL SECURITY', one.name);\n",
        replace: '',
      },
    ],
    suite: { file: 'test/registry/doctor.test.ts' },
  },
  {
    name: 'registry: a unique key without the tenant',
    edits: [
      {
        file: 'migrations/postgres/0020_tables.sql',
        find: 'CONSTRAINT skills_tenant_id_slug_key UNIQUE (tenant_id, slug),',
        replace: 'CONSTRAINT skills_tenant_id_slug_key UNIQUE (slug),',
      },
    ],
    suite: { file: 'test/registry/schema.test.ts' },
  },
  {
    name: 'registry: a cursor by time',
    edits: [
      {
        file: 'electron/registry/pull.ts',
        find: 'AND e.last_seq > $1::bigint AND e.last_seq <=',
        replace:
          'AND e.at > coalesce((SELECT x.at FROM whetstone.change_log x WHERE x.tenant_id = e.tenant_id AND x.last_seq <= $1::bigint ORDER BY x.last_seq DESC LIMIT 1), 0) AND e.last_seq <=',
      },
    ],
    suite: { file: PUSH },
  },
  {
    name: 'registry: a rewritten log is not noticed',
    edits: [
      {
        file: 'electron/registry/pull.ts',
        find: 'if (cursor.since > n || (cursor.since > 0 && since_mark !== cursor.mark))',
        replace: 'if (cursor.since > n)',
      },
    ],
    suite: { file: PUSH },
  },
  {
    name: 'store: what comes back is not hashed',
    edits: [
      {
        file: 'electron/registry/blobs.ts',
        find: "  return actual === hash ? { kind: 'found', bytes } : hashDiffers(bytes.length, actual)",
        replace:
          "  return actual.length === hash.length ? { kind: 'found', bytes } : hashDiffers(bytes.length, actual)",
      },
    ],
    suite: { file: 'test/registry-blobs/conformance.test.ts', test: 'in memory' },
  },
  {
    name: 'listening: everybody comes back at once',
    edits: [
      {
        file: 'electron/registry/listen.ts',
        find: 'const delay = Math.ceil(random() * Math.min(',
        replace: 'const delay = Math.ceil(Math.min(',
      },
    ],
    suite: { file: 'test/sync/listening.test.ts' },
  },
]
