/**
 * Keeps the highlighter of Markdown from the text that it cannot read in time. Its inline parser is quadratic in the marks of one
 * paragraph (120 kB of `[a](` take 8 s) and each level of quotes and lists makes the syntax tree deeper. A paragraph, a line or
 * a nesting beyond the bounds becomes a node of its own, is shown as plain text, and a notice says so; all else
 * is highlighted as ever. A long paragraph is read in pieces, so that the parser can pause between them.
 */
import type { markdown } from '@codemirror/lang-markdown'
import { LanguageSupport, StreamLanguage } from '@codemirror/language'

type Extension = NonNullable<NonNullable<Parameters<typeof markdown>[0]>['extensions']>

export const BLOCK_BOUNDS = {
  /** Characters of a paragraph. */
  paragraph: 20_000,
  /** Of them, those that may mean something in Markdown; prose has about one in thirty. 2,000 take 5 ms. */
  marks: 2_000,
  /** A table is read cell by cell. */
  table: 100_000,
  /** Quotes and lists inside one another. */
  depth: 30,
} as const

/** What is left as plain text, by the name of its node in the syntax tree. */
export const PLAIN_BLOCKS: Record<string, string> = {
  PlainLong: 'this paragraph is too long to highlight',
  PlainDeep: 'too deeply nested',
}

const TABLE_RULE = /^\s*\|?(\s*:?-+:?\s*\|)+\s*(:?-+:?)?\s*$/

/** Characters that are neither letters, digits nor blanks, up to `most` and one more. */
function marksIn(text: string, most: number): number {
  let marks = 0
  for (let at = 0; at < text.length && marks <= most; at++) {
    const code = text.charCodeAt(at)
    if ((code > 32 && code < 48) || (code > 57 && code < 65) || (code > 90 && code < 97) || (code > 122 && code < 127))
      marks++
  }
  return marks
}

const isLong = (text: string): boolean =>
  text.length > BLOCK_BOUNDS.paragraph || marksIn(text, BLOCK_BOUNDS.marks) > BLOCK_BOUNDS.marks

export const plainBlocks: Extension = {
  defineNodes: Object.keys(PLAIN_BLOCKS).map(name => ({ name, block: true })),
  parseBlock: [
    {
      name: 'PlainLong',
      // Before every other: the first of the parser's own.
      before: 'LinkReference',
      parse(context, line) {
        const deep = context.depth > BLOCK_BOUNDS.depth
        if (!deep && (line.text.length < BLOCK_BOUNDS.marks || !isLong(line.text))) return false
        const [from, to] = [context.lineStart + line.pos, context.lineStart + line.text.length]
        context.addElement(context.elt(deep ? 'PlainDeep' : 'PlainLong', from, to))
        context.nextLine()
        return true
      },
      leaf(_context, leaf) {
        let length = leaf.content.length
        let marks = marksIn(leaf.content, BLOCK_BOUNDS.marks)
        let table = false
        return {
          nextLine(context, line, block) {
            length += line.text.length
            marks += marksIn(line.text, BLOCK_BOUNDS.marks)
            table ||= length < BLOCK_BOUNDS.paragraph && TABLE_RULE.test(line.text)
            if (table && length <= BLOCK_BOUNDS.table && !isLong(line.text)) return false
            if (length <= BLOCK_BOUNDS.paragraph && marks <= BLOCK_BOUNDS.marks) return false
            const plain = context.elt('PlainLong', block.start, context.lineStart + line.text.length)
            context.addLeafElement(block, plain)
            context.nextLine()
            return true
          },
          finish: () => false,
        }
      },
    },
  ],
}

/** HTML inside Markdown has no parser of its own: nested as deep as an author likes, its tree would be too. */
const noHtml = new LanguageSupport(
  StreamLanguage.define<null>({
    name: 'html',
    startState: () => null,
    token(stream) {
      stream.skipToEnd()
      return null
    },
  }),
)

export const MARKDOWN_WITHIN_BOUNDS = {
  htmlTagLanguage: noHtml,
  completeHTMLTags: false,
  extensions: plainBlocks,
} as const
