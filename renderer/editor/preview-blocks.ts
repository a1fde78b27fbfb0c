/**
 * A skill's Markdown as HTML, block by block, within bounds: in a worker, which has no DOM, so what comes out is not yet
 * sanitised. A block beyond its bounds is shown as the text it is, and where the whole is beyond them the rest is left out.
 */
import MarkdownIt, { type Token } from 'markdown-it'
import { isSkillMd } from '../../shared/domain/bundle.ts'
import { parseSkillMd } from '../../shared/domain/skill-md.ts'

export type PreviewRequest = {
  path: string
  text: string
  /** Paths of the pictures among the skill's files. */
  pictures: readonly string[]
}
export type PreviewBlocks = {
  /** The frontmatter's fields, shown as a table. */
  fields: { key: string; value: string }[]
  /** HTML of each block of the body, in order. */
  blocks: string[]
  /** Lines before the body. */
  bodyLine: number
  /** Some blocks are shown as plain text: they are too long. */
  plain: boolean
  /** The line of the file (from 1) from which on nothing is shown. */
  cutAt: number | undefined
  /** Those of the pictures that the text speaks of. */
  wanted: string[]
}

/** Beyond this many characters a text is not rendered at all. */
export const PREVIEW_LIMIT = 1_000_000
export const PREVIEW_BOUNDS = {
  /** Of one block. */
  block: { html: 60_000, tokens: 3_000 },
  /** Of all together: a frame of this size is laid out in some tens of milliseconds. */
  whole: { html: 400_000, tokens: 12_000, blocks: 4_000 },
  /** Of a block's source where it is shown as it is written. */
  source: 5_000,
  fields: 100,
  pictures: 30,
} as const

const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false })
markdown.core.ruler.push('source-lines', state => {
  for (const token of state.tokens) {
    if (token.map && token.level === 0 && token.nesting !== -1) token.attrSet('data-line', String(token.map[0]))
    // A style attribute is against the page's policy, even in a document that is never shown.
    const side = /^text-align:(\w+)$/.exec(String(token.attrGet('style') ?? ''))?.[1]
    if (side !== undefined) token.attrs = [['align', side]]
  }
})

export function previewBlocks({ path, text, pictures }: PreviewRequest): PreviewBlocks {
  const parsed = parseSkillMd(text)
  const { body, bodyFrom } = parsed
  const bodyLine = lineBreaksIn(text, bodyFrom)
  const named = isSkillMd(path) || parsed.frontmatter !== undefined
  return {
    fields: named ? parsed.fields.slice(0, PREVIEW_BOUNDS.fields).map(fieldOf) : [],
    bodyLine,
    wanted: pictures
      .filter(each => body.includes(each.slice(each.lastIndexOf('/') + 1)))
      .slice(0, PREVIEW_BOUNDS.pictures),
    ...blocksOf(body, bodyLine),
  }
}

const fieldOf = ({ key, value, source }: { key: string; value: unknown; source: string }) => {
  const written = typeof value === 'string' ? value : source
  return { key: shortened(key), value: shortened(written) }
}

const shortened = (text: string): string =>
  text.length <= PREVIEW_BOUNDS.source ? text : `${text.slice(0, PREVIEW_BOUNDS.source)}…`

function lineBreaksIn(text: string, until: number): number {
  let breaks = 0
  for (let at = text.indexOf('\n'); at !== -1 && at < until; at = text.indexOf('\n', at + 1)) breaks++
  return breaks
}

function blocksOf(body: string, bodyLine: number): Pick<PreviewBlocks, 'blocks' | 'plain' | 'cutAt'> {
  const env = {}
  const { block: each, whole } = PREVIEW_BOUNDS
  const blocks: string[] = []
  let [html, tokens, plain] = [0, 0, false]
  for (const group of topLevel(markdown.parse(body, env))) {
    const size = sizeOf(group)
    let written = size > each.tokens ? undefined : markdown.renderer.render(group, markdown.options, env)
    const tooLong = written === undefined || written.length > each.html
    if (written === undefined || tooLong) {
      plain = true
      written = asWritten(group, body)
    }
    html += written.length
    tokens += tooLong ? 1 : size
    if (html > whole.html || tokens > whole.tokens || blocks.length >= whole.blocks)
      return { blocks, plain, cutAt: bodyLine + (group[0]?.map?.[0] ?? 0) + 1 }
    blocks.push(written)
  }
  return { blocks, plain, cutAt: undefined }
}

/** Each block at the top with all that is inside of it. */
function* topLevel(tokens: readonly Token[]): Generator<Token[]> {
  let from = 0
  for (const [at, token] of tokens.entries()) {
    if (token.level !== 0 || token.nesting === 1) continue
    yield tokens.slice(from, at + 1)
    from = at + 1
  }
}

const sizeOf = (group: readonly Token[]): number =>
  group.reduce((sum, token) => sum + 1 + (token.children?.length ?? 0), 0)

/** A block's source. */
function asWritten([first]: readonly Token[], body: string): string {
  const [from, to] = first?.map ?? [0, 0]
  const start = offsetOfLine(body, from)
  const source = body.slice(
    start,
    Math.min(offsetOfLine(body, Math.min(to, from + 200)), start + PREVIEW_BOUNDS.source + 1),
  )
  return `<pre data-line="${from}">${markdown.utils.escapeHtml(shortened(source))}</pre>`
}

function offsetOfLine(text: string, line: number): number {
  let at = 0
  for (let left = line; left > 0; left--) {
    const next = text.indexOf('\n', at)
    if (next === -1) return text.length
    at = next + 1
  }
  return at
}
