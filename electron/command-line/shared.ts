import type { RouterClient } from '@orpc/server'
import { ORPCError } from '@orpc/server'
import type { ContentRef } from '../../shared/contract/base.ts'
import { terminalTable } from '../../shared/domain/terminal-table.ts'
import type { Backend } from '../backend.ts'

/** What every verb gets. `api` is the same contract the window uses, called without a port. */
export type CommandLine = {
  api: RouterClient<Backend['router']>
  tenantId: string
  json: boolean
  cwd: string
  /** Standard output: the answer and nothing else, so that it can be piped. Control characters are escaped (`visible`). */
  print: (text: string) => void
  /** Standard output: content as it is, where it goes to a file or another program; for a terminal as `print`. */
  content: (text: string) => void
  /** Standard error: progress and remarks. */
  remark: (text: string) => void
  signal: AbortSignal
}

/** 0: done. 1: done, and something was found (findings, differences, skipped files). 2: not done. 130: stopped by Ctrl-C. */
export const EXIT = { done: 0, found: 1, failed: 2, stopped: 130 } as const
export type Exit = (typeof EXIT)[keyof typeof EXIT]

/** An expected failure of the command line itself: shown as one sentence. */
export class Refused extends Error {
  override name = 'Refused'
}

/** The sentence for a failure: the contract's message, or the whole error of a bug. */
export function sentenceOf(error: unknown): string {
  if (error instanceof Refused) return error.message
  if (error instanceof ORPCError && error.defined) {
    const data: unknown = error.data
    const detail =
      typeof data === 'object' && data !== null && 'path' in data && data.path ? ` (${String(data.path)})` : ''
    return `${error.message}${detail}`
  }
  return error instanceof Error ? `Something went wrong: ${error.message}` : String(error)
}

export type Named = { of: ContentRef; skillId: string; slug: string; label: string }

/**
 * `slug`, `slug@3`, `slug@published` or `slug@working`; without a word after the @ the newest version, or the working copy
 * of a skill that has none yet.
 */
export async function resolveSkill(line: CommandLine, name: string): Promise<Named> {
  const [slug = '', at] = name.split('@')
  const { rows } = await line.api.skills.list({ tenantId: line.tenantId, limit: 500, slug })
  const skill = rows[0]
  if (!skill) throw new Refused(`There is no skill “${slug}” in the library. “whetstone list” shows what is there.`)
  const named = (of: ContentRef, label: string): Named => ({ of, skillId: skill.id, slug, label })
  if (at === 'working') return named({ kind: 'working', skillId: skill.id }, `${slug}@working`)
  if (at === 'published') {
    if (!skill.published) throw new Refused(`“${slug}” has no published version.`)
    return named({ kind: 'version', id: skill.published.id }, `${slug}@${skill.published.number ?? 'published'}`)
  }
  if (at === undefined || at === 'newest') {
    if (!skill.newest) return named({ kind: 'working', skillId: skill.id }, `${slug}@working`)
    return named({ kind: 'version', id: skill.newest.id }, `${slug}@${skill.newest.number ?? 'newest'}`)
  }
  const number = Number(at.replace(/^v/, ''))
  const version = (await line.api.versions.list({ skillId: skill.id })).find(row => row.number === number)
  if (!version) throw new Refused(`“${slug}” has no version ${at}. “whetstone versions ${slug}” shows them.`)
  return named({ kind: 'version', id: version.id }, `${slug}@${number}`)
}

export type TextFile = { path: string; text: string | undefined; sha256: string }

/** The files of a content with their text; undefined where it is not text. */
export async function filesOf(line: CommandLine, named: Named): Promise<TextFile[]> {
  const files =
    named.of.kind === 'version'
      ? (await line.api.versions.get({ id: named.of.id })).files
      : (await line.api.workingCopies.get({ skillId: named.skillId })).files
  return Promise.all(
    files.map(async file => {
      const read = await line.api.files.read({ of: named.of, path: file.path })
      return { path: file.path, text: read.kind === 'text' ? read.text : undefined, sha256: file.sha256 }
    }),
  )
}

/** Columns of a table, as the lines of one text. */
export const table = (cells: readonly (readonly string[])[]): string => terminalTable(cells).join('\n')
