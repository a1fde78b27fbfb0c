import type { z } from 'zod'
import type { ContentRef } from '../shared/contract/base.ts'
import type { skillFilter, skillSort } from '../shared/contract/skills.ts'

/**
 * Every place has an address, so that a reload, back and a link bring one back. Addresses are real paths; this file alone
 * knows how they are written and read. Reading never fails: what cannot be understood is left out.
 */
export type SkillFilter = z.infer<typeof skillFilter>
export type SkillSort = z.infer<typeof skillSort>

export const SKILL_TABS = ['write', 'history', 'compare', 'benchmarks', 'ratings'] as const
export type SkillTab = (typeof SKILL_TABS)[number]

/**
 * What the library shows. `descending` is written as a leading minus: `sort=-updated`. Without `sort` the best hits of a
 * search come first, and without a search the names go from A to Z.
 */
export type LibraryView = { query: string; filters: SkillFilter[]; sort: SkillSort | undefined; descending: boolean }
export const DEFAULT_VIEW: LibraryView = { query: '', filters: [], sort: undefined, descending: false }

export type CompareView = { left?: ContentRef; right?: ContentRef; file?: string }
export type MergeView = { left: string; right: string; file?: string }

/** Patterns for wouter's `Route`, beside the builders that fill them. */
export const PATTERNS = {
  library: '/s/:tenantId',
  feedback: '/s/:tenantId/inbox',
  sync: '/s/:tenantId/sync',
  join: '/join',
  skill: '/skill/:id/:tab?',
  compare: '/compare',
  merge: '/merge',
  settings: '/settings',
  providers: '/providers',
  imports: '/import',
  registries: '/registries',
} as const

export const address = {
  home: () => '/',
  library: (tenantId: string, view: Partial<LibraryView> = {}) =>
    `/s/${encodeURIComponent(tenantId)}${search(writeLibraryView({ ...DEFAULT_VIEW, ...view }))}`,
  feedback: (tenantId: string) => `/s/${encodeURIComponent(tenantId)}/inbox`,
  /** How a team's library is doing. */
  sync: (tenantId: string) => `/s/${encodeURIComponent(tenantId)}/sync`,
  /** Where an invite is pasted; `handInvite` gives it one. */
  join: () => '/join',
  skill: (skillId: string, tab: SkillTab = 'write', params: Record<string, string> = {}) =>
    `/skill/${encodeURIComponent(skillId)}${tab === 'write' ? '' : `/${tab}`}${search(params)}`,
  compare: ({ left, right, file }: CompareView = {}) =>
    `/compare${search({
      ...(left && { left: writeContentRef(left) }),
      ...(right && { right: writeContentRef(right) }),
      ...(file !== undefined && { file }),
    })}`,
  /** Two versions put together; the result has the left one as its first parent. */
  merge: ({ left, right, file }: MergeView) => `/merge${search({ left, right, ...(file !== undefined && { file }) })}`,
  /** Which version brought each line of a file, as far back as the history goes. */
  blame: (skillId: string, versionId: string, path: string) =>
    `/skill/${encodeURIComponent(skillId)}/history${search({ version: versionId, path, as: 'blame' })}`,
  settings: () => '/settings',
  providers: () => '/providers',
  imports: () => '/import',
  /** Where a team's registry is made and kept. */
  registries: () => '/registries',
}

/** `version:ID`, `working:SKILLID`, `published:SKILLID` or `folder:PATH`. */
export function writeContentRef(of: ContentRef): string {
  switch (of.kind) {
    case 'version':
      return `version:${of.id}`
    case 'working':
    case 'published':
      return `${of.kind}:${of.skillId}`
    case 'folder':
      return `folder:${of.path}`
    default:
      return of satisfies never
  }
}

export function readContentRef(text: string | null): ContentRef | undefined {
  const [, kind, name] = /^([a-z]+):(.+)$/s.exec(text ?? '') ?? []
  if (name === undefined) return undefined
  if (kind === 'folder') return name.length <= LONGEST_PATH ? { kind, path: name } : undefined
  if (name.length > LONGEST_ID) return undefined
  if (kind === 'version') return { kind, id: name }
  return kind === 'working' || kind === 'published' ? { kind, skillId: name } : undefined
}
const LONGEST_ID = 64
const LONGEST_PATH = 4096

/** Reads the search part of a compare address, with or without its question mark. */
export function readCompareView(searchText: string): CompareView {
  const params = new URLSearchParams(searchText)
  const [left, right] = [readContentRef(params.get('left')), readContentRef(params.get('right'))]
  const file = params.get('file')
  return { ...(left && { left }), ...(right && { right }), ...(file !== null && { file }) }
}

/** Reads the search part of a merge's address: ids of two versions and the open file, undefined unless both ids are there. */
export function readMergeView(searchText: string): MergeView | undefined {
  const params = new URLSearchParams(searchText)
  const [left, right] = [params.get('left') ?? '', params.get('right') ?? '']
  const usable = (id: string) => id !== '' && id.length <= LONGEST_ID
  const file = params.get('file')
  return usable(left) && usable(right) ? { left, right, ...(file !== null && { file }) } : undefined
}

export const readSkillTab = (tab: string | undefined): SkillTab => SKILL_TABS.find(known => known === tab) ?? 'write'

const FILTERS: readonly SkillFilter[] = ['changed', 'invalid', 'unpublished', 'published', 'draft', 'archived']
const SORTS: readonly SkillSort[] = ['name', 'updated', 'version', 'tokens', 'rating', 'cost', 'quality', 'state']

export function readLibraryView(searchText: string): LibraryView {
  const params = new URLSearchParams(searchText)
  const wanted = (params.get('filter') ?? '').split(',')
  const sort = params.get('sort') ?? ''
  const descending = sort.startsWith('-')
  const known = SORTS.find(name => name === (descending ? sort.slice(1) : sort))
  return {
    query: (params.get('q') ?? '').slice(0, 500),
    filters: FILTERS.filter(name => wanted.includes(name)),
    sort: known,
    descending: known !== undefined && descending,
  }
}

function writeLibraryView({ query, filters, sort, descending }: LibraryView): Record<string, string> {
  return {
    ...(query !== '' && { q: query }),
    ...(filters.length > 0 && { filter: filters.join(',') }),
    ...(sort !== undefined && { sort: descending ? `-${sort}` : sort }),
  }
}

function search(params: Record<string, string>): string {
  const text = new URLSearchParams(params)
    .toString()
    .replaceAll('%3A', ':')
    .replaceAll('%2C', ',')
    .replaceAll('%2F', '/')
  return text === '' ? '' : `?${text}`
}
