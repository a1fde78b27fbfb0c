import { readAssertions } from '../../shared/domain/benchmark/assertion.ts'
import { encodeCaseSet } from '../../shared/domain/benchmark/case-set.ts'
import { putBlob, sha256 } from '../library/blobs.ts'
import { insertRow } from '../library/rows.ts'
import { findSkill, insertSkill, setPublished, setStatus } from '../library/skills.ts'
import { insertSpace, insertUser } from '../library/spaces.ts'
import { readSample, type Sample, type SampleRun, type SampleSkill } from '../sample/schema.ts'
import type { Context } from './context.ts'
import { addVersion, describeSkillMd } from './versions.ts'

const DAY = 24 * 60 * 60 * 1000

/** The sample library as a space of its own, in one transaction: whole or not there. Answers its tenant. */
export function loadSample(context: Context): string {
  const sample = readSample(context.sample)
  const tenantId = context.newId()
  const loader = new Loader(context, tenantId, sample)
  context.library.write(() => loader.load())
  return tenantId
}

class Loader {
  #context: Context
  #tenantId: string
  #sample: Sample
  #now: number
  #users = new Map<string, string>()
  /** `slug/number` → version id. */
  #versions = new Map<string, string>()
  #skills = new Map<string, string>()

  constructor(context: Context, tenantId: string, sample: Sample) {
    this.#context = context
    this.#tenantId = tenantId
    this.#sample = sample
    this.#now = context.clock()
  }

  load(): void {
    const { library, newId } = this.#context
    const me = { id: newId(), name: 'You', email: null }
    insertSpace(library, {
      tenantId: this.#tenantId,
      name: 'Sample library',
      slug: 'sample',
      kind: 'sample',
      user: me,
      note: this.#sample.note,
      now: this.#now,
    })
    for (const person of this.#sample.people) {
      const id = newId()
      this.#users.set(person.key, id)
      insertUser(library, { ...person, id, tenantId: this.#tenantId, now: this.#now })
    }
    // A fork names a skill that may come after it.
    for (const skill of [...this.#sample.skills].sort((a, b) => Number(!!a.forkedFrom) - Number(!!b.forkedFrom)))
      this.#loadSkill(skill)
  }

  #loadSkill(skill: SampleSkill): void {
    const { library, newId } = this.#context
    const id = newId()
    const first = skill.versions[0]
    this.#skills.set(skill.slug, id)
    insertSkill(library, {
      id,
      tenantId: this.#tenantId,
      slug: skill.slug,
      name: skill.slug,
      description: '',
      category: skill.category,
      tags: skill.tags,
      authorId: this.#user(skill.authorKey),
      now: this.#at(first?.daysAgo ?? 0),
    })
    const from = skill.forkedFrom
    if (from)
      library.run(
        'UPDATE skills SET forked_from_id = ?, forked_at_version_id = ? WHERE id = ?',
        get(this.#skills, from.slug),
        get(this.#versions, `${from.slug}/${from.version}`),
        id,
      )
    for (const version of skill.versions) this.#loadVersion(skill, id, version)
    if (skill.publishedVersion !== null) {
      const published = skill.versions.find(version => version.version === skill.publishedVersion)
      const at = this.#at(published?.daysAgo ?? 0)
      setPublished(library, id, this.#version(skill, skill.publishedVersion), null, skillMdOf(published?.files), at)
    }
    setStatus(library, id, skill.status, this.#at(skill.versions.at(-1)?.daysAgo ?? 0))
    this.#loadOpinions(skill, id)
    this.#loadUse(skill, id)
    const cases = this.#loadCases(skill, id)
    for (const run of skill.runs) this.#loadRun(skill, id, cases, run)
  }

  #loadVersion(skill: SampleSkill, skillId: string, version: SampleSkill['versions'][number]): void {
    const { library } = this.#context
    const record = findSkill(library, skillId)
    if (!record) throw new Error('a skill vanished while the sample was loaded')
    const files = version.files.map(file => {
      const name = sha256(file.bytes)
      putBlob(library, name, file.bytes)
      return { path: file.path, sha256: name, size: file.bytes.byteLength, executable: file.executable }
    })
    const { id } = addVersion(this.#context, record, {
      ...describeSkillMd(skillMdOf(version.files), skill.slug),
      files,
      parentId: version.parent === null ? null : this.#version(skill, version.parent),
      mergedId: version.merged === undefined ? null : this.#version(skill, version.merged),
      message: version.message,
      createdAt: this.#at(version.daysAgo),
      createdBy: this.#user(version.authorKey),
    })
    this.#versions.set(`${skill.slug}/${version.version}`, id)
  }

  #loadOpinions(skill: SampleSkill, skillId: string): void {
    for (const rating of skill.ratings)
      insertRow(this.#context.library, 'ratings', {
        ...this.#row(skillId, rating.daysAgo),
        skill_version_id: this.#version(skill, rating.version),
        user_id: this.#user(rating.userKey),
        rating: rating.rating,
        comment: rating.comment,
        hours_saved_estimate: rating.hoursSaved,
        updated_at: this.#at(rating.daysAgo),
      })
    for (const row of skill.feedback) {
      const id = this.#context.newId()
      this.#versions.set(`feedback ${skill.slug}/${row.key}`, id)
      insertRow(this.#context.library, 'skill_feedback', {
        ...this.#row(skillId, row.daysAgo),
        id,
        skill_version_id: this.#version(skill, row.version),
        user_id: this.#user(row.userKey),
        feedback_type: row.type,
        sentiment: row.sentiment,
        comment: row.comment,
        severity: row.severity ?? null,
        quality_score: row.qualityScore ?? null,
        suggested_content: row.suggestedContent ?? null,
        example_input: row.exampleInput ?? null,
        example_output: row.exampleOutput ?? null,
        expected_output: row.expectedOutput ?? null,
        status: row.status,
        reviewed_by: row.reviewedBy === undefined ? null : this.#user(row.reviewedBy),
        reviewed_at: row.reviewedBy === undefined ? null : this.#at(row.daysAgo),
        review_notes: row.reviewNotes ?? null,
        implemented_by_version_id:
          row.implementedByVersion === undefined ? null : this.#version(skill, row.implementedByVersion),
        source: row.source,
        updated_at: this.#at(row.daysAgo),
      })
    }
  }

  #loadUse(skill: SampleSkill, skillId: string): void {
    for (const use of skill.usage) {
      const common = {
        ...this.#row(skillId, use.daysAgo),
        skill_version_id: this.#version(skill, use.version),
        user_id: this.#user(use.userKey),
      }
      insertRow(this.#context.library, 'usage_events', { ...common, tool: use.tool })
      if (use.modelName === null || use.modelProvider === null) continue
      insertRow(this.#context.library, 'token_measurements', {
        ...common,
        id: this.#context.newId(),
        usage_event_id: common.id,
        model_name: use.modelName,
        model_provider: use.modelProvider,
        input_tokens: use.inputTokens,
        output_tokens: use.outputTokens,
        cache_read_tokens: use.cacheReadTokens,
        cache_write_tokens: use.cacheWriteTokens,
        total_tokens: use.totalTokens,
        estimated_cost_microcents: use.costMicrocents,
        latency_ms: use.latencyMs,
        source: use.tool,
      })
    }
  }

  #loadCases(skill: SampleSkill, skillId: string): Map<string, string> {
    const ids = new Map<string, string>()
    for (const one of skill.cases) {
      const row = this.#row(skillId, skill.versions[0]?.daysAgo ?? 0)
      ids.set(one.key, row.id)
      insertRow(this.#context.library, 'benchmark_cases', {
        ...row,
        name: one.name,
        prompt: one.prompt,
        expected_output: one.expectedOutput,
        assertions: JSON.stringify(one.assertions),
        weight: one.weight,
        source_feedback_id:
          one.sourceFeedback === undefined ? null : get(this.#versions, `feedback ${skill.slug}/${one.sourceFeedback}`),
        updated_at: row.created_at,
      })
    }
    return ids
  }

  #loadRun(skill: SampleSkill, skillId: string, cases: Map<string, string>, run: SampleRun): void {
    const { library, newId } = this.#context
    const judge = this.#sample.judges.find(one => one.key === run.judge)
    const row = this.#row(skillId, run.daysAgo)
    const set = skill.cases.filter(one => skill.caseSets[run.caseSet]?.includes(one.key))
    insertRow(library, 'benchmark_runs', {
      ...row,
      skill_version_id: run.version === 'baseline' ? null : this.#version(skill, run.version),
      baseline: run.version === 'baseline' ? 1 : 0,
      configuration: run.version === 'baseline' ? 'no skill' : `v${run.version}`,
      // Runs are alike only over the same cases: the set's hash says which those were.
      case_set_hash: sha256(
        encodeCaseSet(set.map(one => ({ ...one, assertions: readAssertions(one.assertions), files: [] }))),
      ),
      judge_model: judge?.modelName ?? null,
      judge_prompt_hash: run.judgePromptHash,
      price_table_date: run.priceTableDate,
      repeats: run.repeats,
      models: JSON.stringify(run.models),
      status: run.status,
      ...summarize(run),
      triggered_by: this.#user(run.triggeredBy),
      started_at: row.created_at,
      completed_at: run.status === 'completed' ? row.created_at : null,
    })
    for (const result of run.results)
      insertRow(library, 'benchmark_results', {
        id: newId(),
        tenant_id: this.#tenantId,
        run_id: row.id,
        case_id: get(cases, result.caseKey),
        model_name: result.modelName,
        model_provider: result.modelProvider,
        repeat: result.repeat,
        input_used: result.inputUsed,
        output_produced: result.outputProduced,
        expected_output: result.expectedOutput,
        input_tokens: result.inputTokens,
        output_tokens: result.outputTokens,
        cache_read_tokens: result.cacheReadTokens,
        cache_write_tokens: result.cacheWriteTokens,
        total_tokens: result.totalTokens,
        estimated_cost_microcents: result.costMicrocents,
        latency_ms: result.latencyMs,
        quality_score: result.qualityScore,
        quality_notes: result.qualityNotes,
        matches_expected: result.matchesExpected === null ? null : Number(result.matchesExpected),
        assertion_results: JSON.stringify(result.assertionResults ?? []),
        error_message: result.errorMessage,
        created_at: row.created_at,
      })
  }

  #row(skillId: string, daysAgo: number) {
    return { id: this.#context.newId(), tenant_id: this.#tenantId, skill_id: skillId, created_at: this.#at(daysAgo) }
  }
  #at = (daysAgo: number): number => Math.round(this.#now - daysAgo * DAY)
  #user = (key: string): string => get(this.#users, key)
  #version = (skill: SampleSkill, number: number): string => get(this.#versions, `${skill.slug}/${number}`)
}

/** Best and cheapest model of a run. A model without a price is not the cheapest: unknown is not 0. */
function summarize(run: SampleRun) {
  const per = run.models.map(model => {
    const results = run.results.filter(result => result.modelName === model)
    return {
      model,
      quality: mean(results.flatMap(result => result.qualityScore ?? [])),
      cost: mean(results.flatMap(result => result.costMicrocents ?? [])),
    }
  })
  const best = per
    .flatMap(one => (one.quality === undefined ? [] : { ...one, quality: one.quality }))
    .sort((a, b) => b.quality - a.quality)[0]
  const cheapest = per
    .flatMap(one => (one.cost === undefined ? [] : { ...one, cost: one.cost }))
    .sort((a, b) => a.cost - b.cost)[0]
  return {
    best_model: best?.model ?? null,
    best_quality_score: best?.quality ?? null,
    cheapest_model: cheapest?.model ?? null,
    cheapest_cost_microcents: cheapest ? Math.round(cheapest.cost) : null,
  }
}

const mean = (values: readonly number[]): number | undefined =>
  values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0) / values.length

const skillMdOf = (files: readonly { path: string; bytes: Uint8Array }[] | undefined): string =>
  Buffer.from(files?.find(file => file.path === 'SKILL.md')?.bytes ?? []).toString('utf8')

function get<T>(map: ReadonlyMap<string, T>, key: string): T {
  const found = map.get(key)
  if (found === undefined) throw new Error(`the sample names ${key}, which it has not`)
  return found
}
