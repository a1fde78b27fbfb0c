import { expect } from 'vitest'
import type { Library } from '../../electron/library/library.ts'
import type { SyncedName } from '../../shared/domain/rows/synced.ts'
import {
  newCase,
  newFeedback,
  newMeasurement,
  newRating,
  newResult,
  newRun,
  newSkill,
  newUsageEvent,
  newVersion,
  provenText,
} from './registry.ts'

/**
 * What a member with any SQL client may send, one sample of each kind that once broke a colleague's app, as ONE table: each is
 * sent to a registry with its rules, which refuses it alone, and to one of before there were rules, from which an app of a
 * colleague reads it and holds alone (samples.test.ts). So none can be added to one side only.
 */
export type Sample = {
  name: string
  by: 'reader' | 'author'
  /** One statement. `rules`: to a registry of today. */
  sent: (to: Scene, rules: boolean) => Sent
  /** SQLSTATEs that a registry of today refuses it with; a reason where no registry can know. */
  server: readonly string[] | { cannot: string }
  /**
   * What a colleague's app makes of it: `aside`: set aside by name and told; `plain`: it comes in with its lines made plain;
   * `taken`: it is harmless as it is, which `look` asks; `never`: not even a registry of before stored it.
   */
  client: 'aside' | 'plain' | 'taken' | 'never'
  /** What must be so in the colleague's library afterwards, beside that everything lists and opens. */
  look?: (library: Library, to: Scene) => void
}

export type Sent = { sql: string; values: unknown[]; entity: SyncedName; id: string }
/** What is there before each sample: two skills of the author's with a version each, a case and a run. */
export type Scene = {
  skillId: string
  versionId: string
  otherSkillId: string
  otherVersionId: string
  caseId: string
  runId: string
  /** Who sends it. */
  userId: string
  /** The id of a version in the private space of whoever reads it. */
  privateVersionId: string
}

/** Nothing that the app shows has this. */
export const NOT_APPROVED = 'NOT WHAT WAS APPROVED'
/** What every version holds. */
export const SAMPLE_TEXT = provenText('---\nname: sample\ndescription: A sample.\n---\n')

type Over = Record<string, string | number | null>

const page = (table: string, entity: SyncedName, row: { id: string }): Sent => ({
  sql: `SELECT * FROM whetstone.push_${table}($1)`,
  values: [JSON.stringify([row])],
  ...{ entity, id: row.id },
})
const skill = (over: Over) => page('skills', 'skills', { ...newSkill(), ...over })

const VERSION = ['id', 'skill_id', 'parent_version_id', 'merged_version_id', 'content_hash', 'content_type', 'name', 'description', 'message', 'metadata'] as const // biome-ignore format: the order of the function's arguments
const PUSH_VERSIONS = `SELECT * FROM whetstone.push_versions(${VERSION.map((_, n) => `$${n + 1}::text[]`).join(', ')})`
const version = (skillId: string, over: Over): Sent => {
  const row = { ...newVersion(skillId, { content_hash: SAMPLE_TEXT.hash }), ...over }
  return { sql: PUSH_VERSIONS, values: VERSION.map(column => [row[column]]), entity: 'skill_versions', id: row.id }
}
const result = (to: Scene, over: Over) => newResult(to.runId, to.caseId, { model_name: newSkill().id, ...over })
/** Two versions of two skills, one argument of them another array than a list. */
const arrays = (to: Scene, argument: (typeof VERSION)[number], literal: (list: readonly string[]) => string): Sent => {
  const rows = [to.skillId, to.otherSkillId].map(one =>
    newVersion(one, { content_hash: SAMPLE_TEXT.hash, name: 'taken-over' }),
  )
  const values = VERSION.map(column => {
    const list = rows.map(row => row[column])
    return column === argument ? literal(list.map(one => `"${one}"`)) : list
  })
  return { sql: PUSH_VERSIONS, values, entity: 'skill_versions', id: rows[0]?.id ?? '' }
}

const HUGE = '9223372036854775807'
const INEXACT = '9007199254740993'
/** A rule of rows; or Postgres itself, of a text in JSON that it cannot hold. */
const BROKEN = ['23514', '22P05'] as const
const DEEP = `${'['.repeat(100)}${']'.repeat(100)}`

const named = <Value>(values: readonly Value[], make: (value: Value) => Sample): Sample[] => values.map(make)
const short = (text: string): string => JSON.stringify(text).slice(0, 50)

const SLUGS = [
  ...['..', '.', '../x', '../../x', '../.ssh', '../../../AGENT-ESCAPED', 'a/b', 'a\\b', '/etc', 'C:\\', 'C:', '.ssh', '.git', '-rf'],
  ...['con', 'nul.txt', 'COM1', 'x.', 'a b', '$(id)', 'a;b', '__proto__', 'a\u202eb', 'a\u2066b', 'a\u001b[31m', 'a\u200bb', '\u0301x'],
] // biome-ignore format: one after the other
const LISTS = ['{"a":1}', 'null', '5', '"x"', '[1]', '[null]', '[["x"]]', DEEP]
const METADATA = [
  ...['null', '5', '[]', '{"author":5}', '{"author":{"name":"Ada"}}', '{"author":[{"name":"Ada","email":"a@b"}]}'],
  ...['{"copyOf":{"createdAt":"x"}}', '{"copyOf":{"createdAt":1e300}}', '{"copyOf":{"createdAt":-1}}', '{"sourceRef":{"a":1}}', '{"origin":"a\\u0000"}', `{"a":${DEEP}}`],
] // biome-ignore format: one after the other
const IDS = ['../../x', '__proto__', 'constructor', 'a b', 'a\u202eb', 'a/b']
const FIGURES = [
  'input_tokens',
  'output_tokens',
  'cache_read_tokens',
  'cache_write_tokens',
  'total_tokens',
  'estimated_cost_microcents',
  'latency_ms',
]
const NO_NUMBERS = ['NaN', 'Infinity', '-Infinity', '-1', '1e300']

export const SAMPLES: readonly Sample[] = [
  // A skill's slug is the name of a folder.
  ...named(SLUGS, slug => ({
    name: `a skill’s slug ${short(slug)}`,
    ...{ by: 'author', server: BROKEN, client: 'aside', sent: () => skill({ slug }) },
  })),
  // JSON of another shape.
  ...named(LISTS, tags => ({
    name: `a skill’s tags ${short(tags)}`,
    ...{ by: 'author', server: BROKEN, client: 'aside', sent: () => skill({ tags }) },
  })),
  ...named(METADATA, metadata => ({
    name: `a version’s metadata ${short(metadata)}`,
    ...{ by: 'author', server: BROKEN, client: 'aside', sent: to => version(to.skillId, { metadata }) },
  })),
  ...named(LISTS, models => ({
    name: `a run’s models ${short(models)}`,
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: to => page('benchmark_runs', 'benchmark_runs', newRun(to.skillId, to.versionId, { models })),
  })),
  ...named(['settings', 'provenance'], column => ({
    name: `a run’s ${column} []`,
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: to => page('benchmark_runs', 'benchmark_runs', newRun(to.skillId, to.versionId, { [column]: '[]' })),
  })),
  ...named(['tags', 'files', 'assertions', 'provenance'], column => ({
    name: `a case’s ${column} "x"`,
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: to => page('benchmark_cases', 'benchmark_cases', newCase(to.skillId, { [column]: '"x"' })),
  })),
  ...named(['details', 'assertion_results'], column => ({
    name: `a result’s ${column} null`,
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: to => page('benchmark_results', 'benchmark_results', result(to, { [column]: 'null' })),
  })),
  // Figures beyond what anybody's sums take.
  ...named([INEXACT, HUGE, '-1'], cost => ({
    name: `a measurement of ${cost} microcents, from a reader`,
    ...{ by: 'reader', server: BROKEN, client: 'aside' },
    sent: to => {
      // The sums of then took only one of the largest.
      const [skillId, versionId] = cost === HUGE ? [to.otherSkillId, to.otherVersionId] : [to.skillId, to.versionId]
      const row = newMeasurement(skillId, versionId, { estimated_cost_microcents: cost })
      return page('measurements', 'token_measurements', row)
    },
  })),
  ...named(FIGURES, column => ({
    name: `a result’s ${column} of 2^53 + 1`,
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: to => page('benchmark_results', 'benchmark_results', result(to, { [column]: INEXACT })),
  })),
  {
    name: 'a run that cost 2^63 − 1 at least',
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: to =>
      page('benchmark_runs', 'benchmark_runs', newRun(to.skillId, to.versionId, { cheapest_cost_microcents: HUGE })),
  },
  ...named(NO_NUMBERS, weight => ({
    name: `a case’s weight ${weight}`,
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: to => page('benchmark_cases', 'benchmark_cases', newCase(to.skillId, { weight })),
  })),
  ...named(NO_NUMBERS, best_quality_score => ({
    name: `a run’s best score ${best_quality_score}`,
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: to => page('benchmark_runs', 'benchmark_runs', newRun(to.skillId, to.versionId, { best_quality_score })),
  })),
  ...named(['started_at', 'completed_at'], column => ({
    name: `a run’s ${column} beyond all dates`,
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: to =>
      page('benchmark_runs', 'benchmark_runs', newRun(to.skillId, to.versionId, { [column]: 9_000_000_000_000_000 })),
  })),
  ...named([-1, 0, 6], rating => ({
    name: `a rating of ${rating}`,
    ...{ by: 'reader', server: BROKEN, client: 'never' },
    sent: to => page('ratings', 'ratings', newRating(to.skillId, to.versionId, { rating })),
  })),
  // Ids that are paths, or properties of every object.
  ...named(IDS, id => ({
    name: `a skill’s id ${short(id)}`,
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: () => skill({ id, slug: `id-${newSkill().id.slice(-12)}` }),
  })),
  ...named(IDS, id => ({
    name: `a version’s id ${short(id)}`,
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: to => version(to.skillId, { id }),
  })),
  ...named(['../../m', '__proto__'], id => ({
    name: `a measurement’s id ${short(id)}`,
    ...{ by: 'reader', server: BROKEN, client: 'aside' },
    sent: to => page('measurements', 'token_measurements', newMeasurement(to.skillId, to.versionId, { id })),
  })),
  {
    name: 'a usage event that a path names',
    ...{ by: 'reader', server: BROKEN, client: 'aside' },
    sent: to =>
      page('feedback', 'skill_feedback', newFeedback(to.skillId, to.versionId, { usage_event_id: '../../x' })),
  },
  // Lines that look like something else, in lists and terminals.
  ...named(['a\u001b[31mb', 'a\u202eb', 'a\u2066b', 'a\u0007', 'a\nb'], name => ({
    name: `a skill called ${short(name)}`,
    ...{ by: 'author', server: BROKEN, client: 'plain' },
    sent: () => skill({ name, slug: `named-${newSkill().id.slice(-12)}` }),
  })),
  {
    name: 'a category with an escape code',
    ...{ by: 'author', server: BROKEN, client: 'plain' },
    sent: () => skill({ category: 'a\u001b]52;c;eA==\u0007' }),
  },
  ...named(['Ada\u202e', 'Ada\u001b[0m', ''], called => ({
    name: `a profile called ${short(called)}`,
    ...{ by: 'reader', server: BROKEN, client: called === '' ? 'never' : 'plain' },
    sent: to => ({
      ...{ sql: 'SELECT whetstone.update_profile($1, NULL)', values: [called] },
      ...{ entity: 'users', id: to.userId },
    }),
  })),
  ...named(['model_name', 'model_provider', 'source'], column => ({
    name: `a measurement’s ${column} with an escape code`,
    ...{ by: 'reader', server: BROKEN, client: 'plain' },
    sent: to =>
      page('measurements', 'token_measurements', newMeasurement(to.skillId, to.versionId, { [column]: 'm\u001b[31m' })),
  })),
  {
    name: 'a tool with an escape code',
    ...{ by: 'reader', server: BROKEN, client: 'plain' },
    sent: to => page('usage_events', 'usage_events', newUsageEvent(to.skillId, to.versionId, { tool: 't\u001b[31m' })),
  },
  // Rows that are too much.
  {
    name: 'where a skill was forked, 9 MB long',
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: () => skill({ forked_at_version_id: 'x'.repeat(9_000_000) }),
  },
  {
    name: 'where a skill was forked, 100 kB long',
    ...{ by: 'author', server: BROKEN, client: 'aside' },
    sent: () => skill({ forked_at_version_id: 'x'.repeat(100_000) }),
  },
  {
    name: 'feedback of five megabytes, from a reader',
    ...{ by: 'reader', server: BROKEN, client: 'taken' },
    sent: to => {
      const mb = 'x'.repeat(1_048_576)
      const examples = { example_input: mb, example_output: mb, expected_output: mb }
      return page(
        'feedback',
        'skill_feedback',
        newFeedback(to.skillId, to.versionId, { ...examples, suggested_content: mb, suggested_diff: mb }),
      )
    },
  },
  // Somebody else's things.
  {
    name: 'a version with the id of one in a colleague’s private space',
    ...{ by: 'author', client: 'aside' },
    server: { cannot: 'ids of another space are nothing that a registry knows' },
    sent: to => version(to.skillId, { id: to.privateVersionId }),
  },
  {
    name: 'a version under another’s name and date',
    ...{ by: 'author', client: 'taken' },
    server: { cannot: 'it is a claim, and kept as one' },
    sent: to =>
      version(to.skillId, {
        metadata: '{"author":{"name":"Ada (admin)","email":"ada@example.com"},"copyOf":{"createdAt":2001}}',
      }),
  },
  {
    name: 'a skill published with a text that is not the version’s',
    ...{ by: 'author', server: ['WS409', '23514', 'WS412', 'WS404'], client: 'taken' },
    sent: (to, rules) => ({
      sql: `SELECT * FROM whetstone.publish($1, $2, NULL, $3${rules ? ', $4' : ''})`,
      values: [to.otherSkillId, to.otherVersionId, NOT_APPROVED, ...(rules ? ['[]'] : [])],
      ...{ entity: 'skills', id: to.otherSkillId },
    }),
  },
  ...(
    [
      ['that begins at 0', (list: readonly string[]) => `[0:1]={${list.join(',')}}`],
      ['that begins at 2', (list: readonly string[]) => `[2:3]={${list.join(',')}}`],
      ['of two dimensions', (list: readonly string[]) => `{${list.map(one => `{${one}}`).join(',')}}`],
    ] as const
  ).map(
    ([how, literal]): Sample => ({
      name: `versions by an array of ids ${how}`,
      ...{ by: 'author', server: ['2202E'], client: 'taken' },
      sent: to => arrays(to, 'id', literal),
      // Each skill's newest version is its own, and there is one.
      look: (library, to) => {
        for (const id of [to.skillId, to.otherSkillId])
          expect(
            library.find(
              'SELECT v.skill_id FROM skills s JOIN skill_versions v ON v.id = s.draft_version_id WHERE s.id = ?',
              id,
            ),
          ).toEqual({ skill_id: id })
      },
    }),
  ),
]
