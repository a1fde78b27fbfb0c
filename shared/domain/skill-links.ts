/**
 * The advice for the body: how long it is, and whether it and the bundle's files know each other (Agent Skills
 * specification, 'Progressive disclosure' and 'File references').
 */

import { BUNDLE_LIMITS } from './bundle.ts'
import type { SkillMd } from './skill-parse.ts'
import type { Finding } from './skill-profiles.ts'
import { countLines, estimateTokens, figure } from './text.ts'

/** The specification's figures; the frontmatter's is 'about 100', so half as much again is let pass. */
export const ADVICE = { frontmatterTokens: 150, bodyTokens: 5_000, bodyLines: 500, unlinkedShown: 20 } as const
const MAX_PATH = BUNDLE_LIMITS.pathCharacters

/**
 * Advice on length. Tokens are estimated, not counted: this runs on each keystroke. `unseen`: characters of the body that `skill`
 * was read without.
 */
export function checkLength(skill: SkillMd, unseen = 0): Finding[] {
  const found: Finding[] = []
  const always = estimateTokens(`${skill.name ?? ''} ${skill.description ?? ''}`)
  const field = skill.fields.find(each => each.key === 'description')
  if (always > ADVICE.frontmatterTokens && field)
    found.push({
      code: 'FRONTMATTER_TOKENS',
      severity: 'advice',
      from: field.valueFrom,
      to: field.to,
      message: `Name and description are loaded in every session: ≈ ${figure(always)} tokens, about 100 are recommended.`,
    })
  const tokens = estimateTokens(skill.body) * (1 + unseen / Math.max(1, skill.body.length))
  const start = { from: skill.bodyFrom, to: skill.bodyFrom }
  if (tokens >= ADVICE.bodyTokens)
    found.push({
      code: 'BODY_TOKENS',
      severity: 'advice',
      ...start,
      message: `The body has ≈ ${figure(tokens)} tokens; fewer than ${figure(ADVICE.bodyTokens)} are recommended.`,
    })
  const lines = countLines(skill.body)
  if (lines >= ADVICE.bodyLines)
    found.push({
      code: 'BODY_LINES',
      severity: 'advice',
      ...start,
      message: `The body has ${unseen > 0 ? 'more than ' : ''}${figure(lines)} lines; fewer than ${figure(ADVICE.bodyLines)} are recommended.`,
    })
  return found
}

export type Link = { target: string; from: number; to: number }

/** `[text](target)`, `![alt](target "title")` and `[label]: target`, outside of code; offsets into the whole text. */
export function linksIn(skill: SkillMd): Link[] {
  const body = blankCode(skill.body)
  const links: Link[] = []
  const inline = /\]\(\s*(?:<([^<>\n]*)>|([^\s()<>]+(?:\([^\s()]*\)[^\s()]*)*))(?:\s+(?:"[^"\n]*"|'[^'\n]*'))?\s*\)/g
  const definition = /^ {0,3}\[[^\]\n]+\]:[ \t]*(?:<([^<>\n]*)>|(\S+))/gm
  for (const pattern of [inline, definition])
    for (const match of body.matchAll(pattern)) {
      const target = match[1] ?? match[2] ?? ''
      const from = skill.bodyFrom + match.index + match[0].indexOf(target, match[0].indexOf(']') + 2)
      if (target !== '') links.push({ target, from, to: from + target.length })
    }
  return links.sort((a, b) => a.from - b.from)
}

/** The same text with code blocks, code spans and comments blanked out, so that offsets stay true. */
function blankCode(body: string): string {
  const blank = (text: string) => text.replace(/[^\n]/g, ' ')
  return blankComments(blankFences(body), blank).replace(/(?<!`)(`{1,3})(?!`)[^`\n]+\1(?!`)/g, blank)
}

function blankComments(body: string, blank: (text: string) => string): string {
  let out = ''
  let done = 0
  for (let at = body.indexOf('<!--'); at !== -1; at = body.indexOf('<!--', done)) {
    const end = body.indexOf('-->', at)
    if (end === -1) break
    out += body.slice(done, at) + blank(body.slice(at, end + 3))
    done = end + 3
  }
  return out + body.slice(done)
}

function blankFences(body: string): string {
  if (!body.includes('```') && !body.includes('~~~')) return body
  let fence = ''
  return body
    .split('\n')
    .map(line => {
      // A line of code between backticks is no fence: a fence's first line has no backtick after the mark. The whole rest is asked
      // for, once: looking ahead would look again for each backtick that is given back.
      const match = /^\s*(?:(`{3,})[^`]*$|(~{3,}))/.exec(line)
      const mark = match?.[1] ?? match?.[2]
      const inside = fence !== ''
      if (!inside && mark) fence = mark
      else if (inside && mark?.startsWith(fence) && line.trim() === mark) fence = ''
      return inside || mark ? ' '.repeat(line.length) : line
    })
    .join('\n')
}

/** A path relative to the skill's folder, or undefined for what is no file of a bundle: addresses, anchors, placeholders. */
function localPath(target: string): string | undefined {
  if (/^[a-z][a-z0-9+.-]+:|^\/\/|^#|^[~@]|[{}$<>*]|^\.{3}/i.test(target)) return undefined
  const path = target.replace(/[#?].*$/s, '')
  if (path === '') return undefined
  try {
    return decodeURIComponent(path)
  } catch {
    return path
  }
}

/** 'a/./b/../c/' → 'a/c'; undefined when it leaves the folder. */
function resolve(path: string): string | undefined {
  const parts: string[] = []
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue
    if (part !== '..') parts.push(part)
    else if (parts.pop() === undefined) return undefined
  }
  return parts.join('/')
}

/** Checks the links against the bundle's files; without `paths` only what can be told from the link itself. */
export function checkLinks(links: readonly Link[], paths: readonly string[] | undefined): Finding[] {
  const files = paths && new Set(paths)
  const folders = paths && new Set(paths.flatMap(foldersOf))
  const twins = new Map([...(paths ?? [])].reverse().map(path => [path.toLowerCase(), path]))
  const found: Finding[] = []
  for (const link of links) {
    const path = localPath(link.target)
    if (path === undefined) continue
    const at = { from: link.from, to: link.to }
    if (path.startsWith('/') || /^[a-z]:|\\/i.test(path)) {
      found.push({
        code: 'LINK_ABSOLUTE',
        severity: 'advice',
        ...at,
        message: `“${link.target}” is not a relative path; write it from the skill’s folder.`,
      })
      continue
    }
    const resolved = resolve(path)
    if (resolved === undefined)
      found.push({
        code: 'LINK_OUTSIDE',
        severity: 'warning',
        ...at,
        message: `“${link.target}” points outside the skill’s folder.`,
      })
    else if (files && resolved !== '' && !files.has(resolved) && !folders?.has(resolved)) {
      const twin = twins.get(resolved.toLowerCase())
      const message = `“${link.target}” is not in the skill’s folder${twin === undefined ? '' : `; there is ${twin}`}.`
      found.push({ code: 'LINK_BROKEN', severity: 'warning', ...at, message })
    } else if (resolved.split('/').length > 2)
      found.push({
        code: 'LINK_DEEP',
        severity: 'advice',
        ...at,
        message: `“${link.target}” is more than one folder deep; one level is recommended.`,
      })
  }
  return found
}

function foldersOf(path: string): string[] {
  const parts = path.split('/').slice(0, -1)
  return parts.map((_, i) => parts.slice(0, i + 1).join('/'))
}

/** Files that speak for themselves wherever they lie. */
const SELF_EXPLAINED =
  /(^|\/)(?:skill\.md|readme[^/]*|licen[cs]e[^/]*|notice[^/]*|changelog[^/]*|__init__\.py)$|(^|\/)\.|^evals\//i

/** Looking for one name reads the whole text; in all so many characters are read, and names beyond that count as mentioned. */
const SEARCHED_CHARACTERS = 20_000_000

/** Files that SKILL.md mentions neither by path, nor by name, nor by their folder. */
export function checkUnlinked(text: string, links: readonly Link[], paths: readonly string[]): Finding[] {
  const words = mentionsIn(text, links)
  let looks = Math.ceil(SEARCHED_CHARACTERS / Math.max(1, text.length))
  const occurs = (name: string) => --looks < 0 || text.includes(name)
  const lonely = paths.filter(path => !SELF_EXPLAINED.test(path) && !isMentioned(path, words, occurs))
  const found: Finding[] = lonely.slice(0, ADVICE.unlinkedShown).map(path => ({
    code: 'FILE_UNLINKED',
    severity: 'advice',
    path,
    message: `SKILL.md does not mention ${path}.`,
  }))
  const more = lonely.length - found.length
  if (more > 0)
    found.push({
      code: 'FILE_UNLINKED',
      severity: 'advice',
      message: `SKILL.md does not mention ${figure(more)} more files.`,
    })
  return found
}

/** Every path-like word with each of its endings: 'a/b.md' also says 'b.md'. */
function mentionsIn(text: string, links: readonly Link[]): Set<string> {
  const words = new Set<string>()
  const add = (word: string) => {
    // A longer word is no path of a bundle, and its endings would take quadratic room.
    for (let rest = word.length > MAX_PATH ? '' : word; rest !== ''; ) {
      words.add(rest)
      const slash = rest.indexOf('/')
      if (slash === -1 || slash === rest.length - 1) break
      rest = rest.slice(slash + 1)
    }
  }
  for (const word of text.split(/[\s`'"“”‘’()<>[\]{}|,;:=*]+/)) if (/[./]/.test(word)) add(withoutStops(word))
  for (const link of links) add(localPath(link.target) ?? '')
  return words
}

function withoutStops(word: string): string {
  let end = word.length
  while (end > 0 && '.!?'.includes(word.charAt(end - 1))) end--
  return word.slice(0, end)
}

function isMentioned(path: string, words: ReadonlySet<string>, occurs: (name: string) => boolean): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (words.has(path) || words.has(name)) return true
  if (foldersOf(path).some(folder => words.has(`${folder}/`))) return true
  // Names with blanks or unusual marks are split into several words above.
  return /[^\w./-]/.test(name) && occurs(name)
}
