/**
 * The language of a file by its name: Markdown with YAML frontmatter, YAML, or none (plain text). YAML beyond its bounds is
 * plain text, and so is frontmatter; what is too long or too deep in Markdown is held by plain-blocks.ts.
 */
import { markdown, markdownLanguage } from '@codemirror/lang-markdown'
import { yaml, yamlFrontmatter } from '@codemirror/lang-yaml'
import { type ChangeSet, Compartment, EditorState, type Extension, Facet, type Text } from '@codemirror/state'
import { FRONTMATTER_LIMITS } from '../../shared/domain/skill-yaml.ts'
import { MARKDOWN_WITHIN_BOUNDS } from './plain-blocks.ts'

export const YAML_BOUNDS = { characters: 300_000, depth: 100 } as const
/** Markdown's parsers take a line in one step, and look for its start letter by letter: a longer one takes 15 ms. */
export const MARKDOWN_LINE = 500_000

/** Why a file, or its frontmatter, has no language. */
export const plainBecause = Facet.define<string, string | undefined>({ combine: ([reason]) => reason })

type Kind =
  | 'markdown'
  | 'markdown-frontmatter-plain'
  | 'markdown-line-too-long'
  | 'yaml'
  | 'yaml-too-long'
  | 'yaml-too-deep'

/** The language follows the text as it is typed; what is looked at for that is bounded. */
export function languageOf(path: string, doc: string): Extension {
  const isMarkdown = /\.(md|markdown|mdx)$/i.test(path)
  if (!isMarkdown && !/\.ya?ml$/i.test(path)) return []
  const most = isMarkdown ? FRONTMATTER_LIMITS.characters + 100 : YAML_BOUNDS.characters
  const kindOf = (start: string, length: number, lineTooLong: boolean): Kind =>
    !isMarkdown ? yamlKind(start, length) : lineTooLong ? 'markdown-line-too-long' : markdownKind(start, length)
  const compartment = new Compartment()
  const made = new Map<Kind, Extension>()
  const language = (kind: Kind): Extension => {
    const known = made.get(kind) ?? LANGUAGES[kind]()
    made.set(kind, known)
    return known
  }
  return [
    compartment.of(language(kindOf(doc.slice(0, most), doc.length, isMarkdown && textHasLongLine(doc)))),
    EditorState.transactionExtender.of(({ docChanged, changes, newDoc, startState }) => {
      if (!docChanged) return null
      const now = compartment.get(startState)
      // Lines that become as long as that do so by a large change.
      const lineTooLong =
        changedBy(changes) > MARKDOWN_LINE / 10
          ? isMarkdown && hasLongLine(newDoc)
          : now === made.get('markdown-line-too-long')
      const wanted = language(kindOf(startOf(newDoc, most), newDoc.length, lineTooLong))
      return now === wanted ? null : { effects: compartment.reconfigure(wanted) }
    }),
  ]
}

/** Characters that were removed and put in. */
function changedBy(changes: ChangeSet): number {
  let changed = 0
  changes.iterChangedRanges((fromA, toA, fromB, toB) => {
    changed += toA - fromA + toB - fromB
  })
  return changed
}

/** Whether a line is as long as MARKDOWN_LINE, found in leaps. */
function hasLongLine(doc: Text): boolean {
  for (let at = 0; at + MARKDOWN_LINE < doc.length; ) {
    const line = doc.lineAt(at + MARKDOWN_LINE)
    if (line.length >= MARKDOWN_LINE) return true
    at = line.from
  }
  return false
}

function textHasLongLine(text: string): boolean {
  for (let at = 0; at + MARKDOWN_LINE < text.length; ) {
    const from = text.lastIndexOf('\n', at + MARKDOWN_LINE) + 1
    if (from <= at) return true
    at = from
  }
  return false
}

const startOf = (doc: Text, most: number): string => doc.sliceString(0, Math.min(most, doc.length), '\n')

const LANGUAGES: Record<Kind, () => Extension> = {
  markdown: () => yamlFrontmatter({ content: plainMarkdown() }),
  'markdown-frontmatter-plain': () => [plainMarkdown(), because('the frontmatter is too long or too deeply nested')],
  'markdown-line-too-long': () => because('a line is too long to highlight'),
  yaml: () => yaml(),
  'yaml-too-long': () => because('this file is too long to highlight'),
  'yaml-too-deep': () => because('too deeply nested'),
}

const plainMarkdown = () => markdown({ base: markdownLanguage, ...MARKDOWN_WITHIN_BOUNDS })
const because = (reason: string): Extension => plainBecause.of(reason)

/** `start`: a little more than the longest frontmatter that is read. */
function markdownKind(start: string, length: number): Kind {
  const opening = /^\ufeff?---[ \t]*\r?\n/.exec(start)
  if (!opening) return 'markdown'
  const end = /^---[ \t]*\r?$/m.exec(start.slice(opening[0].length))
  if (!end && length > FRONTMATTER_LIMITS.characters) return 'markdown-frontmatter-plain'
  const head = end ? start.slice(0, opening[0].length + end.index) : start
  return isDeep(head) ? 'markdown-frontmatter-plain' : 'markdown'
}

function yamlKind(start: string, length: number): Kind {
  if (length > YAML_BOUNDS.characters) return 'yaml-too-long'
  return isDeep(start) ? 'yaml-too-deep' : 'yaml'
}

/** Whether YAML may be nested too deeply: brackets that are open, lists begun on one line, and blanks before a line. */
export function isDeep(text: string): boolean {
  let open = 0
  let dashes = 0
  let indent = 0
  let atStart = true
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 10) {
      dashes = 0
      indent = 0
      atStart = true
    } else if (code === 32 || code === 9) {
      if (atStart) indent++
    } else {
      if (code === 91 || code === 123) open++
      else if ((code === 93 || code === 125) && open > 0) open--
      else if ((code === 45 || code === 63) && isBlank(text.charCodeAt(at + 1))) dashes++
      if (atStart && indent > YAML_BOUNDS.depth * 2) return true
      atStart = false
      if (open > YAML_BOUNDS.depth || dashes > YAML_BOUNDS.depth) return true
    }
  }
  return false
}

const isBlank = (code: number): boolean => code === 32 || code === 9 || code === 10 || Number.isNaN(code)
