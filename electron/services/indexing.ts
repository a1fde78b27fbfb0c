import { findSkillMd } from '../../shared/domain/bundle.ts'
import { readTexts } from '../../shared/domain/rows/json.ts'
import { type Profile, parseSkillMd, READ_CHARACTERS, validator } from '../../shared/domain/skill-md.ts'
import { takeTurns } from '../interchange/turns.ts'
import { type CheckCounts, type Facts, findFacts, putFacts } from '../library/facts.ts'
import type { SkillRecord, VersionRecord } from '../library/schema.ts'
import { clearStale, indexDocument, listStale } from '../library/search.ts'
import { findSkill } from '../library/skills.ts'
import { findVersion } from '../library/versions.ts'
import { clearReleased } from '../library/working-copies.ts'
import { type Content, countContent, getContent, getSkillMd } from './content.ts'
import { announce, type Context } from './context.ts'

/** How long a search waits for what is stale; the rest is found a moment later. */
const SEARCH_WAITS_MS = 2_000
/** Asked for between the pieces of long work: it lets others have their turn, and throws where there is nothing to work for. */
type Rest = () => Promise<void>
const ANNOUNCE_MS = 500

/**
 * Search entries and facts follow the newest versions a moment later, so that saving stays as cheap as its row. Triggers
 * note what is stale in the transaction that makes it so; this works the notes off in slices, and before each search.
 */
export class Indexer {
  #context: Context
  #working = false
  /** Woken while it worked. */
  #again = false
  #stopped = false
  #refreshing = new Map<string, Promise<void>>()
  readonly #rest: Rest
  #idle: (() => void)[] = []
  #done: string[] = []
  /** Versions whose facts somebody looks at: the newest ones are counted anyway, older ones when their history is opened. */
  #uncounted = new Set<string>()
  #counted = new Set<string>()
  #announcedAt = 0

  constructor(context: Context) {
    this.#context = context
    const turns = takeTurns()
    this.#rest = async () => {
      await turns()
      if (this.#stopped) throw new Stopped()
    }
  }

  /** Called after any commit that may have left something stale. */
  wake(): void {
    this.#again = true
    if (this.#working || this.#stopped) return
    this.#working = true
    setImmediate(() => void this.#work())
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

  /** Before a search: what is stale becomes findable now, facts included. Bounded, for an import may have left thousands. */
  async catchUp(limit = 50): Promise<void> {
    const stale = listStale(this.#context.library, limit)
    if (stale.length === 0) return
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<void>(resolve => {
      timer = setTimeout(resolve, SEARCH_WAITS_MS)
    })
    const all = async () => {
      for (const id of stale) await this.#refresh(id)
    }
    try {
      await Promise.race([all(), late])
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
    } finally {
      clearTimeout(timer)
    }
  }

  /** Resolves when nothing is worked on any more. */
  async stop(): Promise<void> {
    this.#stopped = true
    for (const done of this.#idle.splice(0)) done()
    await Promise.allSettled(this.#refreshing.values())
  }

  async #work(): Promise<void> {
    this.#announcedAt = performance.now()
    try {
      while (this.#again) {
        this.#again = false
        await this.#workOff()
      }
    } catch (error) {
      if (!(error instanceof Stopped)) throw error
    } finally {
      this.#working = false
    }
    if (this.#stopped) return
    this.#announce()
    for (const idle of this.#idle.splice(0)) idle()
  }

  async #workOff(): Promise<void> {
    for (let stale = this.#listStale(); stale.length > 0; stale = this.#listStale())
      for (const id of stale) {
        await this.#refresh(id)
        this.#done.push(id)
        this.#announceNowAndThen()
      }
    for (const id of this.#uncounted) {
      this.#uncounted.delete(id)
      const skillId = await countVersion(this.#context, id, this.#rest)
      if (skillId !== undefined) this.#counted.add(skillId)
      this.#announceNowAndThen()
    }
  }

  #listStale(): string[] {
    return this.#stopped ? [] : listStale(this.#context.library, 64)
  }

  /** Once at a time for each skill: a search may ask for what is under way. */
  #refresh(skillId: string): Promise<void> {
    const known = this.#refreshing.get(skillId)
    if (known) return known
    const refreshing = refresh(this.#context, skillId, this.#rest).finally(() => this.#refreshing.delete(skillId))
    this.#refreshing.set(skillId, refreshing)
    return refreshing
  }

  #announceNowAndThen(): void {
    if (performance.now() - this.#announcedAt > ANNOUNCE_MS) this.#announce()
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

/** The library is being closed. */
class Stopped extends Error {}

/** A team's content that has not come yet: what brings it notes the skill as stale again. */
class Elsewhere extends Error {}

/** Damaged content must not stop the indexer: it is logged, and the skill shows no figures. */
const quiet = {
  NOT_FOUND: () => new Error('gone'),
  CONTENT_ELSEWHERE: () => new Elsewhere(),
  CONTENT_DAMAGED: (options: { data: { sha256: string } }) => new Error(`content ${options.data.sha256} is damaged`),
}

async function refresh(context: Context, skillId: string, rest: Rest): Promise<void> {
  await rest()
  const was = findSkill(context.library, skillId)
  const version = was?.draft_version_id ? findVersion(context.library, was.draft_version_id) : undefined
  let read: { text: string; facts: Facts } | undefined
  try {
    if (was && version) read = await readNewest(context, was, version, rest)
  } catch (error) {
    logUnread(context, `indexing ${skillId}`, error)
  }
  context.library.write(() => {
    if (version && read) putFacts(context.library, version.id, read.facts)
    const skill = findSkill(context.library, skillId)
    // A version that came meanwhile is read in its turn: the skill stays stale.
    if (skill?.draft_version_id !== was?.draft_version_id) return
    clearStale(context.library, skillId)
    clearReleased(context.library, skillId)
    if (!skill) return
    indexDocument(context.library, {
      skillId,
      tenantId: skill.tenant_id,
      name: `${skill.slug} ${skill.name}`,
      description: skill.description,
      tags: [skill.category ?? '', ...readTexts(skill.tags)].join(' '),
      body: read ? parseSkillMd(read.text).body.slice(0, READ_CHARACTERS) : '',
    })
  })
}

/** Answers whose version it is; undefined where its content cannot be read. */
async function countVersion(context: Context, versionId: string, rest: Rest): Promise<string | undefined> {
  await rest()
  try {
    const content = getContent(context, { kind: 'version', id: versionId }, quiet)
    const facts = await factsOf(context, content, content.skill.slug, rest)
    context.library.write(() => putFacts(context.library, versionId, facts))
    return content.skill.id
  } catch (error) {
    logUnread(context, `counting ${versionId}`, error)
    return undefined
  }
}

function logUnread(context: Context, what: string, error: unknown): void {
  if (error instanceof Stopped) throw error
  if (error instanceof Elsewhere) return
  context.log(`${what}: ${error instanceof Error ? error.message : String(error)}`)
}

async function readNewest(
  context: Context,
  skill: SkillRecord,
  version: VersionRecord,
  rest: Rest,
): Promise<{ text: string; facts: Facts }> {
  const content = getContent(context, { kind: 'version', id: version.id }, quiet)
  const text = getSkillMd(context, content, quiet)
  const facts = findFacts(context.library, version.id) ?? (await factsOf(context, content, skill.slug, rest))
  return { text, facts }
}

/** Tokens, and how much each profile has to say of a content. */
async function factsOf(context: Context, content: Content, folderName: string, rest: Rest): Promise<Facts> {
  const text = getSkillMd(context, content, quiet)
  await rest()
  const paths = content.files.map(file => file.path)
  const validate = findSkillMd(content.files) ? validator({ text, folderName, paths }) : () => []
  await rest()
  const counts = (profile: Profile): CheckCounts => {
    const checks = validate(profile)
    return {
      errors: checks.filter(check => check.severity === 'error').length,
      warnings: checks.filter(check => check.severity === 'warning').length,
    }
  }
  const checks = { strict: counts('strict'), reference: counts('reference'), 'claude-code': counts('claude-code') }
  await rest()
  return { tokens: await countContent(context, content, quiet, rest), checks }
}
