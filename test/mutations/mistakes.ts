import { PUT_BACK } from './put-back.ts'
import { UNGATED } from './ungated.ts'
import { UNTOLD } from './untold.ts'

/**
 * Known mistakes, most of them made by somebody before: planted one at a time into a copy of the tree, each must turn the
 * suite named beside it red. A patch whose text is not found exactly once fails the gate, so that it follows the code.
 */
export type Mistake = {
  name: string
  edits: { file: string; find: string; replace: string }[]
  /** The cheapest suite that should see it; `test` narrows it down by title. */
  suite: { file: string; test?: string; env?: Record<string, string> }
  /** Seconds at most, alone: part of `npm test`. */
  quick?: boolean
}

const PUSH = 'test/registry/push.test.ts'
const ROUNDS = { file: 'test/sync/rounds.test.ts' }
/** The first of the histories that `npm test` runs all of. */
const HISTORIES = {
  file: 'test/sync/simulation.long.test.ts',
  test: 'of them end',
  env: { WHETSTONE_HISTORIES: '150' },
}

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
    quick: true,
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
    quick: true,
  },
  {
    name: 'export: a folder’s file is written in its place',
    edits: [
      {
        file: 'electron/safe-folder.ts',
        find: 'const handle = await open(temporary, FRESH,',
        replace: "const handle = await open(place, 'w',",
      },
    ],
    suite: { file: 'electron/interchange/write-folder.test.ts', test: 'whoever reads meanwhile' },
    quick: true,
  },
  {
    name: 'page: what was typed is written once the window is gone',
    edits: [
      {
        file: 'renderer/skills/page/autosave.ts',
        find: '        await Promise.all(open.map(send))',
        replace: '        for (const entry of open) if (!entry.flight) schedule(entry)',
      },
    ],
    suite: { file: 'renderer/skills/page/autosave.test.ts', test: 'flush writes at once' },
    quick: true,
  },
  {
    name: 'page: what was not answered is forgotten with the window',
    edits: [
      {
        file: 'renderer/skills/page/autosave.ts',
        find: "state === 'clean' ? [] : {",
        replace: "state === 'clean' || unanswered.length > 0 ? [] : {",
      },
    ],
    suite: { file: 'renderer/skills/page/autosave.test.ts', test: 'when the page went away' },
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
        file: 'migrations/postgres/0230_pushing.sql',
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
        file: 'migrations/postgres/0240_publish.sql',
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
        file: 'migrations/postgres/0230_pushing.sql',
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
        file: 'migrations/postgres/0220_stored.sql',
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
    suite: { file: 'test/registry/log-times.test.ts' },
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
    quick: true,
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
  {
    name: 'sync: the cursor is committed before the rows',
    edits: [
      {
        file: 'electron/sync/pull.ts',
        find: `    library.write(() => {
      applied.page(page.changes)
      // Meanwhile the reader may have had everything read again: then it is, from the start.
      const at = findSyncState(library, tenantId)?.since === asked.since ? page.next : {}
      updateSyncState(library, tenantId, { ...at, epoch: page.epoch, head: page.head })
`,
        replace: `    library.write(() =>
      updateSyncState(library, tenantId, { ...page.next, epoch: page.epoch, head: page.head }),
    )
    library.write(() => {
      applied.page(page.changes)
`,
      },
    ],
    suite: HISTORIES,
  },
  {
    name: 'sync: what was fetched is not hashed',
    edits: [
      {
        file: 'electron/sync/bring-content.ts',
        find: 'if (sha256(content) !== one.sha256) {',
        replace: 'if (sha256(content).length !== one.sha256.length) {',
      },
    ],
    suite: { file: 'test/sync/untrue-store.test.ts' },
  },
  {
    name: 'sync: a version is sent before its content',
    edits: [
      {
        file: 'electron/sync/push-versions.ts',
        find: '      return await sendContent(team, store, versions)',
        replace: `      void sendContent(team, store, versions)
      return { unsendable: new Map(), halt: undefined }`,
      },
    ],
    suite: HISTORIES,
  },
  {
    name: 'sync: the outbox row is not part of the change’s transaction',
    edits: [
      {
        file: 'electron/library/outbox.ts',
        find: `  if (!isTeam(library, operation.tenantId)) return
  library.run(`,
        replace: `  if (!isTeam(library, operation.tenantId)) return
  const later = (...values: Parameters<typeof library.run>) => queueMicrotask(() => library.run(...values))
  later(`,
      },
    ],
    suite: HISTORIES,
  },
  {
    name: 'sync: a change that is refused for ever is tried again for ever',
    edits: [
      {
        file: 'electron/sync/push-rows.ts',
        find: "      return { kind: isDangling(sent.code) ? 'stale' : 'park', parked: refused(sent.code, sent.reason) }",
        replace: "      return { kind: 'again' }",
      },
      {
        file: 'electron/sync/push-versions.ts',
        find: "      return { kind: isDangling(sent.code) ? 'stale' : 'park', parked: refused(sent.code, sent.reason) }",
        replace: "      return { kind: 'again' }",
      },
    ],
    suite: ROUNDS,
  },
  {
    name: 'sync: a change that is parked holds up everything',
    edits: [
      {
        file: 'electron/library/outbox.ts',
        find: 'WHERE p.tenant_id = o.tenant_id AND p.skill_id = o.skill_id\n    AND p.parked_reason IS NOT NULL',
        replace:
          'WHERE p.tenant_id = o.tenant_id AND p.parked_reason IS NOT NULL) AND NOT EXISTS (SELECT 1 FROM outbox p\n    WHERE p.skill_id = o.skill_id AND p.parked_reason IS NOT NULL',
      },
    ],
    suite: ROUNDS,
  },
  {
    name: 'sync: no jitter',
    edits: [
      {
        file: 'electron/sync/policy.ts',
        find: 'return Math.ceil(random() * most)',
        replace: 'return Math.ceil(most + random() * 0)',
      },
    ],
    suite: { file: 'test/sync/listening.test.ts' },
    quick: true,
  },
  {
    name: 'sync: no cap on the wait',
    edits: [
      {
        file: 'electron/sync/policy.ts',
        find: 'const most = Math.min(CAP_MS, BASE_MS * 2 ** Math.min(failures, 20))',
        replace: 'const most = BASE_MS * 2 ** Math.min(failures, 20)',
      },
    ],
    suite: ROUNDS,
  },
  {
    name: 'sync: tombstones are ignored',
    edits: [
      {
        file: 'electron/sync/apply-page.ts',
        find: "if (change.operation === 'delete') this.#delete(change.entity, change.id)",
        replace: "if (change.operation === 'delete') continue",
      },
    ],
    suite: HISTORIES,
  },
  {
    name: 'sync: a conflict is taken for an acknowledgement',
    edits: [
      {
        file: 'electron/sync/push-versions.ts',
        find: `      tellRewritten(team, sent.id, ['content_hash'])
      return { kind: 'park', parked: PARKED.versionConflict }`,
        replace: "      return { kind: 'done' }",
      },
    ],
    suite: { file: 'test/sync/found.long.test.ts', test: 'no acknowledgement' },
  },
  {
    name: 'sync: the newer time wins, by whatever clock',
    edits: [
      {
        file: 'electron/library/mirror.ts',
        find: '.tenant_id = excluded.tenant_id`}`',
        replace:
          ".tenant_id = excluded.tenant_id` + (name === 'ratings' ? ' AND excluded.updated_at >= ratings.updated_at' : '')}`",
      },
    ],
    suite: HISTORIES,
  },
  {
    name: 'sync: a page goes although a row of the one before it was not taken',
    edits: [
      {
        file: 'electron/sync/push-pages.ts',
        find: 'if (page && whole && content?.isFine) next',
        replace: 'if (page && content?.isFine) next',
      },
    ],
    suite: { file: 'test/sync/pages.test.ts' },
    quick: true,
  },
  {
    name: 'sync: a page goes although its content is still on its way',
    edits: [
      {
        file: 'electron/sync/push-pages.ts',
        find: 'if (page && whole && content?.isFine) next',
        replace: 'if (page && whole && content) next',
      },
    ],
    suite: HISTORIES,
  },
  {
    name: 'sync: version numbers are the client’s',
    edits: [
      {
        file: 'electron/sync/push-versions.ts',
        find: 'numberFirst(library, sent.id, sent.version, sent.created_at)',
        replace: 'numberFirst(library, sent.id, sent.version + 1, sent.created_at)',
      },
    ],
    suite: { file: 'test/sync/pages.test.ts' },
  },
  {
    name: 'registry: a serial cursor',
    edits: [
      {
        file: 'migrations/postgres/0220_stored.sql',
        find: `  UPDATE whetstone.tenant_heads h SET n = h.n + cardinality(p_ids), rows_stored = h.rows_stored + 1 + CASE WHEN p_operation = 'put' THEN p_rows ELSE 0 END,
    bytes_stored = h.bytes_stored + p_bytes + whetstone.weight_of_entry(cardinality(p_ids))
    WHERE h.tenant_id = p_tenant
    RETURNING h.n, h.channel, h.rows_stored > h.rows_allowed OR h.bytes_stored > h.bytes_allowed AS full INTO head;`,
        replace: `  SELECT s.n, h.channel, false AS full INTO head FROM whetstone.tenant_heads h,
    (SELECT max(nextval('whetstone.serial')) AS n FROM generate_series(1, cardinality(p_ids))) s WHERE h.tenant_id = p_tenant;`,
      },
      {
        file: 'migrations/postgres/0070_writing.sql',
        find: '-- Who is writing, if that role may.',
        replace: 'CREATE SEQUENCE IF NOT EXISTS whetstone.serial; GRANT USAGE ON SEQUENCE whetstone.serial TO PUBLIC;',
      },
      {
        file: 'electron/registry/pull.ts',
        find: 'head AS MATERIALIZED (SELECT h.n, h.epoch FROM',
        replace:
          'head AS MATERIALIZED (SELECT (SELECT max(l.last_seq) FROM whetstone.change_log l WHERE l.tenant_id = h.tenant_id) AS n, h.epoch FROM',
      },
    ],
    suite: { file: 'test/sync/conformance-real.test.ts', test: 'nothing is missed while' },
  },
  ...PUT_BACK,
  ...UNTOLD,
  ...UNGATED,
]
