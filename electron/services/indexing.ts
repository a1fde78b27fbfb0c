import { findSkillMd } from '../../shared/domain/bundle.ts'
import { readTexts } from '../../shared/domain/rows/json.ts'
import { type Profile, parseSkillMd, validateSkill } from '../../shared/domain/skill-md.ts'
import { type CheckCounts, type Facts, findFacts, putFacts } from '../library/facts.ts'
import type { SkillRecord, VersionRecord } from '../library/schema.ts'
import { clearStale, indexDocument, listStale } from '../library/search.ts'
import { findSkill } from '../library/skills.ts'
import { findVersion } from '../library/versions.ts'
import { clearReleased } from '../library/working-copies.ts'
import { type Content, countContent, getContent, getSkillMd } from './content.ts'
import { announce, type Context } from './context.ts'

/** How long one slice may hold up everything else. */
const SLICE_MS = 12
const ANNOUNCE_MS = 500

/**
 * Search entries and facts follow the newest versions a moment later, so that saving stays as cheap as its row. Triggers
 * note what is stale in the transaction that makes it so; this works the notes off in slices, and before each search.
 */
export class Indexer {
  #context: Context
  #scheduled = false
  #stopped = false
  #idle: (() => void)[] = []
  #done: string[] = []
  /** Versions whose facts somebody looks at: the newest ones are counted anyway, older ones when their history is opened. */
  #uncounted = new Set<string>()
  #counted = new Set<string>()
  #announcedAt = Number.NEGATIVE_INFINITY

  constructor(context: Context) {
    this.#context = context
  }

  /** Called after any commit that may have left something stale. */
  wake(): void {
    if (this.#scheduled || this.#stopped) return
    this.#scheduled = true
    setImmediate(() => this.#slice())
  }

  /** Resolves when nothing is stale or left to count: for the command line, tests and figures. */
  async settled(): Promise<void> {
    if (this.#stopped || (this.#uncounted.size === 0 && listStale(this.#context.library, 1).length === 0)) return
    await new Promise<void>(resolve => {
      this.#idle.push(resolve)
      this.wake()
    })
  }

  /** Counts these versions, too, in the background, and announces it. */
  count(versionIds: readonly string[]): void {
    for (const id of versionIds) this.#uncounted.add(id)
    if (versionIds.length > 0) this.wake()
  }

  /** Before a search: everything stale becomes findable now, facts included. Bounded, for an import may have left thousands. */
  catchUp(limit = 50): void {
    for (const id of listStale(this.#context.library, limit)) refresh(this.#context, id)
  }

  stop(): void {
    this.#stopped = true
    for (const done of this.#idle.splice(0)) done()
  }

  #slice(): void {
    this.#scheduled = false
    if (this.#stopped) return
    const until = performance.now() + SLICE_MS
    const stale = listStale(this.#context.library, 64)
    let refreshed = 0
    for (const id of stale) {
      refresh(this.#context, id)
      this.#done.push(id)
      refreshed += 1
      if (performance.now() > until) break
    }
    for (const id of this.#uncounted) {
      if (performance.now() > until) break
      this.#uncounted.delete(id)
      const skillId = countVersion(this.#context, id)
      if (skillId !== undefined) this.#counted.add(skillId)
    }
    const more = refreshed < stale.length || stale.length === 64 || this.#uncounted.size > 0
    if (!more || performance.now() - this.#announcedAt > ANNOUNCE_MS) this.#announce()
    if (more) this.wake()
    else for (const idle of this.#idle.splice(0)) idle()
  }

  /** Now and then while there is much to do, and at its end: each announcement makes the reader ask for its list again. */
  #announce(): void {
    if (this.#done.length > 0) announce(this.#context, ['skills'], this.#done)
    if (this.#counted.size > 0) announce(this.#context, ['versions'], [...this.#counted])
    this.#done = []
    this.#counted.clear()
    this.#announcedAt = performance.now()
  }
}

/** A team's content that has not come yet: what brings it notes the skill as stale again. */
class Elsewhere extends Error {}

/** Damaged content must not stop the indexer: it is logged, and the skill shows no figures. */
const quiet = {
  NOT_FOUND: () => new Error('gone'),
  CONTENT_ELSEWHERE: () => new Elsewhere(),
  CONTENT_DAMAGED: (options: { data: { sha256: string } }) => new Error(`content ${options.data.sha256} is damaged`),
}

function refresh(context: Context, skillId: string): void {
  const skill = findSkill(context.library, skillId)
  const version = skill?.draft_version_id ? findVersion(context.library, skill.draft_version_id) : undefined
  let read: { text: string; facts: Facts } | undefined
  try {
    if (skill && version) read = readNewest(context, skill, version)
  } catch (error) {
    logUnread(context, `indexing ${skillId}`, error)
  }
  context.library.write(() => {
    clearStale(context.library, skillId)
    clearReleased(context.library, skillId)
    if (!skill) return
    if (version && read) putFacts(context.library, version.id, read.facts)
    indexDocument(context.library, {
      skillId,
      tenantId: skill.tenant_id,
      name: `${skill.slug} ${skill.name}`,
      description: skill.description,
      tags: [skill.category ?? '', ...readTexts(skill.tags)].join(' '),
      body: read ? parseSkillMd(read.text).body : '',
    })
  })
}

/** Answers whose version it is; undefined where its content cannot be read. */
function countVersion(context: Context, versionId: string): string | undefined {
  try {
    const content = getContent(context, { kind: 'version', id: versionId }, quiet)
    const facts = factsOf(context, content, content.skill.slug)
    context.library.write(() => putFacts(context.library, versionId, facts))
    return content.skill.id
  } catch (error) {
    logUnread(context, `counting ${versionId}`, error)
    return undefined
  }
}

function logUnread(context: Context, what: string, error: unknown): void {
  if (error instanceof Elsewhere) return
  context.log(`${what}: ${error instanceof Error ? error.message : String(error)}`)
}

function readNewest(context: Context, skill: SkillRecord, version: VersionRecord): { text: string; facts: Facts } {
  const content = getContent(context, { kind: 'version', id: version.id }, quiet)
  const text = getSkillMd(context, content, quiet)
  return { text, facts: findFacts(context.library, version.id) ?? factsOf(context, content, skill.slug) }
}

/** Tokens, and how much each profile has to say of a content. */
export function factsOf(context: Context, content: Content, folderName: string): Facts {
  const text = getSkillMd(context, content, quiet)
  const paths = content.files.map(file => file.path)
  const counts = (profile: Profile): CheckCounts => {
    const checks = findSkillMd(content.files) ? validateSkill({ text, folderName, paths }, profile) : []
    return {
      errors: checks.filter(check => check.severity === 'error').length,
      warnings: checks.filter(check => check.severity === 'warning').length,
    }
  }
  return {
    tokens: countContent(context, content, quiet),
    checks: { strict: counts('strict'), reference: counts('reference'), 'claude-code': counts('claude-code') },
  }
}
