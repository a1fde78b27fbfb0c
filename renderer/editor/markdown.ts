import DOMPurify from 'dompurify'
import MarkdownIt from 'markdown-it'
import { hiddenCharacters, showHidden } from '../../shared/domain/hidden-characters.ts'
import { PREVIEW_STYLE } from './preview-style.ts'

/**
 * A skill's Markdown is hostile input. It becomes a document of its own without scripts, network, forms or links that
 * lead anywhere: raw HTML is text (markdown-it), what is left is sanitised (DOMPurify), links lose their address and show it
 * instead, pictures come only from the skill's own files, and characters that cannot be seen are written out. The frame it is
 * shown in has an empty `sandbox` and this document's own policy besides.
 */
export type PreviewInput = {
  /** The frontmatter's fields, shown as a table. */
  fields: readonly { key: string; value: string }[]
  body: string
  /** The number of lines before the body, so that a place in the file can be found in the preview. */
  bodyLine: number
  /** The line of the file (from 1) that should be in sight. */
  line?: number
  /** A `data:` address for a picture among the skill's files; undefined for any other. */
  imageOf?: (path: string) => string | undefined
  scheme: 'light' | 'dark'
}

/** Beyond this a preview would stall the page; the text itself is shown instead. */
export const PREVIEW_LIMIT = 1_000_000

const markdown = new MarkdownIt({ html: false, linkify: true, typographer: false })
markdown.core.ruler.push('source-lines', state => {
  for (const token of state.tokens) {
    if (token.map && token.level === 0 && token.nesting !== -1) token.attrSet('data-line', String(token.map[0]))
    // A style attribute is against the page's policy, even in a document that is never shown.
    const side = /^text-align:(\w+)$/.exec(String(token.attrGet('style') ?? ''))?.[1]
    if (side !== undefined) token.attrs = [['align', side]]
  }
})

const ALLOWED = {
  ALLOWED_TAGS:
    'h1 h2 h3 h4 h5 h6 p ul ol li blockquote pre code em strong s del a img table thead tbody tr th td hr br'.split(
      ' ',
    ),
  ALLOWED_ATTR: ['href', 'src', 'alt', 'title', 'start', 'align', 'data-line'],
  ALLOW_DATA_ATTR: false,
} as const

/** A whole document for `srcdoc`. Runs where there is a DOM. */
export function previewDocument(input: PreviewInput): string {
  // A document of its own, in which nothing is ever loaded: in the page's, an image is fetched as soon as it is made.
  const inert = new DOMParser().parseFromString(sanitised(markdown.render(input.body)), 'text/html')
  const content = inert.createElement('main')
  content.append(...inert.body.childNodes)
  for (const link of content.querySelectorAll('a')) makeInert(link)
  for (const image of content.querySelectorAll('img')) replaceImage(image, input.imageOf)
  const table = fieldTable(inert, input.fields)
  if (table) content.prepend(table)
  showHiddenIn(content)
  markPlace(content, (input.line ?? 0) - input.bodyLine - 1)
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
  return `<!doctype html><html lang="" data-scheme="${input.scheme}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>Preview</title><style${nonceAttribute()}>${PREVIEW_STYLE}</style></head><body>${content.outerHTML}</body></html>`
}

const sanitised = (html: string): string =>
  DOMPurify.sanitize(html, {
    ...ALLOWED,
    ALLOWED_TAGS: [...ALLOWED.ALLOWED_TAGS],
    ALLOWED_ATTR: [...ALLOWED.ALLOWED_ATTR],
  })

function fieldTable(document: Document, fields: PreviewInput['fields']): HTMLElement | undefined {
  if (fields.length === 0) return undefined
  const table = document.createElement('table')
  table.className = 'fields'
  for (const { key, value } of fields) {
    const row = table.insertRow()
    const head = document.createElement('th')
    head.scope = 'row'
    head.textContent = key
    row.append(head)
    row.insertCell().textContent = value
  }
  return table
}

/** The address is shown, for it is what the agent reads; it is no link, for nothing here may lead anywhere. */
function makeInert(link: HTMLAnchorElement): void {
  const target = link.getAttribute('href') ?? ''
  const mark = link.ownerDocument.createElement('span')
  mark.className = 'link'
  mark.title = target
  mark.append(...link.childNodes)
  if (target !== '' && mark.textContent !== target) {
    const shown = link.ownerDocument.createElement('span')
    shown.className = 'target'
    shown.textContent = target
    mark.append(shown)
  }
  link.replaceWith(mark)
}

function replaceImage(image: HTMLImageElement, imageOf: PreviewInput['imageOf']): void {
  const source = image.getAttribute('src') ?? ''
  const own = /^[a-z][a-z0-9+.-]*:|^\/\//i.test(source) ? undefined : imageOf?.(decoded(source).replace(/^\.\//, ''))
  if (own?.startsWith('data:image/')) {
    image.src = own
    return
  }
  const mark = image.ownerDocument.createElement('span')
  mark.className = 'picture'
  mark.textContent = `[picture: ${image.alt || 'no description'} – ${source}, not loaded]`
  image.replaceWith(mark)
}

function decoded(path: string): string {
  try {
    return decodeURI(path)
  } catch {
    return path
  }
}

function showHiddenIn(root: HTMLElement): void {
  const document = root.ownerDocument
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const texts: Text[] = []
  while (walker.nextNode()) if (walker.currentNode instanceof Text) texts.push(walker.currentNode)
  for (const text of texts) {
    const pieces = text.data.split(new RegExp(`(${hiddenCharacters().source})`, 'gu'))
    if (pieces.length === 1) continue
    text.replaceWith(
      ...pieces.map((piece, index) => {
        if (index % 2 === 0) return piece
        const { label, title } = showHidden(piece)
        const mark = document.createElement('span')
        mark.className = 'hidden'
        mark.textContent = label
        mark.title = title
        return mark
      }),
    )
  }
}

/** The last block that starts at or before the line is where the frame's scrolling starts (`scroll-initial-target`). */
function markPlace(root: HTMLElement, bodyLine: number): void {
  let place: Element | undefined
  for (const block of root.querySelectorAll('[data-line]')) {
    if (Number(block.getAttribute('data-line')) <= bodyLine) place = block
    block.removeAttribute('data-line')
  }
  place?.setAttribute('id', 'here')
}

/** The document inherits the page's policy as well; where that asks for a nonce, its one style has it. */
function nonceAttribute(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')
  const value = meta?.nonce || meta?.getAttribute('content') || ''
  return /^[\w+/=-]+$/.test(value) ? ` nonce="${value}"` : ''
}
