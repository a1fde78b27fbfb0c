import type { Mistake } from './mistakes.ts'

/** What holds alone is taken away, one at a time: what the other one holds must not hide it. */
const SAMPLES = 'test/registry/samples.test.ts'

export const UNGATED: readonly Mistake[] = [
  {
    name: 'gate: what a registry sends is put into the library as it came',
    edits: [
      {
        file: 'electron/sync/apply-page.ts',
        find: 'const admitted = admitRow(name, change.row)',
        replace: "const admitted = { kind: 'row', row: change.row, problems: [] }",
      },
    ],
    suite: { file: SAMPLES, test: 'the app alone' },
  },
  {
    name: 'gate: one row that is not as it should be ends the page',
    edits: [
      {
        file: 'electron/sync/apply-page.ts',
        find: "    if (admitted.kind === 'invalid') {\n",
        replace: "    if (admitted.kind === 'invalid') {\n      throw new Error('not as it should be')\n",
      },
    ],
    suite: { file: SAMPLES, test: 'the app alone' },
  },
  {
    name: 'gate: a skill follows a pointer to another skill’s version',
    edits: [
      {
        file: 'electron/library/mirror-skills.ts',
        find: "  return version.skill_id === skillId ? 'here' : 'elsewhere'",
        replace: "  return 'here'",
      },
    ],
    suite: { file: SAMPLES, test: 'the app alone' },
  },
  {
    name: 'rules: the registry makes no constraints of them',
    edits: [
      {
        file: 'migrations/postgres/0170_row_rules.sql',
        find: "    EXECUTE format('ALTER TABLE whetstone.%I %s', one.entity, one.adds);\n",
        replace: '',
      },
    ],
    suite: { file: SAMPLES, test: 'the registry alone' },
  },
  {
    name: 'rules: the registry takes any slug',
    edits: [
      {
        file: 'migrations/postgres/0260_slug_rule.sql',
        find: "  EXECUTE format('ALTER TABLE whetstone.skills ADD CONSTRAINT skills_slug_rule CHECK (%s)', rule.condition);\n",
        replace: '',
      },
    ],
    suite: { file: SAMPLES, test: 'the registry alone' },
  },
  {
    name: 'rules: an array that is no list is counted by its places',
    edits: [
      {
        file: 'migrations/postgres/0200_arrays.sql',
        find: '  IF array_ndims(p_list) IS DISTINCT FROM 1 OR array_lower(p_list, 1) <> 1 OR cardinality(p_list) IS DISTINCT FROM p_rows THEN',
        replace: '  IF false THEN',
      },
    ],
    suite: { file: SAMPLES, test: 'the registry alone' },
  },
  {
    name: 'rules: a published text need not be the version’s',
    edits: [
      {
        file: 'migrations/postgres/0240_publish.sql',
        find: '      PERFORM whetstone.check_content(hash, p_manifest, p_content);\n',
        replace: '',
      },
    ],
    suite: { file: SAMPLES, test: 'the registry alone' },
  },
  {
    name: 'rules: an app lets a slug begin with a mark, a registry does not',
    edits: [{ file: 'shared/domain/slug.ts', find: ' || BEGINS_WRONG.test(text)', replace: '' }],
    suite: { file: 'test/registry/row-rules.test.ts', test: 'slugs' },
  },
  {
    name: 'rules: what a migration corrects is not noted',
    edits: [
      {
        file: 'electron/registry/migrate.ts',
        find: 'const mended = applied.length > 0 ? newlyMended(before, await listMended(client)) : []',
        replace: 'const mended = newlyMended(before, before)',
      },
    ],
    suite: { file: 'test/registry/mended-registry.test.ts', test: 'quarantined and corrected' },
  },
  {
    name: 'paths: no name is refused',
    edits: [
      {
        file: 'shared/domain/paths.ts',
        find: 'export function partProblem(part: string): PartProblem | undefined {\n',
        replace:
          'export function partProblem(part: string): PartProblem | undefined {\n  if (part !== "") return undefined\n',
      },
    ],
    suite: { file: 'test/hostile-sinks.test.ts' },
  },
  {
    name: 'paths: a slug is a folder’s name as it came',
    edits: [
      {
        file: 'shared/domain/folder-name.ts',
        find: '(isSlug(slug) ? slug : slugOf(slug))',
        replace: 'slug',
      },
    ],
    suite: { file: 'test/hostile-sinks.test.ts' },
  },
  {
    name: 'paths: a link in an export is followed',
    edits: [
      {
        file: 'electron/registry/archive.ts',
        find: ' | (fs.constants.O_NOFOLLOW ?? 0)',
        replace: '',
      },
    ],
    suite: { file: 'test/registry/mended-registry.test.ts', test: 'no plain file' },
  },
]
