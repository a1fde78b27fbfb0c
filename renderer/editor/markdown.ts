import DOMPurify from 'dompurify'
import { hiddenRuns, showHiddenRun } from '../../shared/domain/hidden-characters.ts'
import type { PreviewBlocks } from './preview-blocks.ts'
import { PREVIEW_STYLE } from './preview-style.ts'

/**
 * A skill's Markdown is hostile input. It becomes a document of its own without scripts, network, forms or links that
 * lead anywhere: raw HTML is text (markdown-it), what is left is sanitised (DOMPurify), links lose their address and show it
 * instead, pictures come only from the skill's own files, and characters that cannot be seen are written out. The frame it is
 * shown in has an empty `sandbox` and this document's own policy besides.
 */
export type PreviewInput = {
  parts: PreviewBlocks
  /** The line of the file (from 1) that should be in sight. */
  line?: number
  /** A `data:` address for a picture among the skill's files; undefined for any other. */
  imageOf?: (path: string) => string | undefined
  scheme: 'light' | 'dark'
}

const ALLOWED = {
  ALLOWED_TAGS:
    'h1 h2 h3 h4 h5 h6 p ul ol li blockquote pre code em strong s del a img table thead tbody tr th td hr br'.split(
      ' ',
    ),
  ALLOWED_ATTR: ['href', 'src', 'alt', 'title', 'start', 'align', 'data-line'],
  ALLOW_DATA_ATTR: false,
} as const

/** The page is held no longer than this at a time. */
const SLICE_MS = 8
/** HTML that is sanitised in one go. */
const BATCH = 10_000
/** Hidden characters that are written out; what is beyond is left as it is, and counted. */
const MOST_HIDDEN = 2_000

export type PreviewDocument = { html: string; unmarked: number }

/** A whole document for `srcdoc`. Runs where there is a DOM, in slices; undefined where it was no longer wanted. */
export async function previewDocument(
  input: PreviewInput,
  wanted: () => boolean,
): Promise<PreviewDocument | undefined> {
  const { parts, scheme } = input
  // A document of its own, in which nothing is ever loaded: in the page's, an image is fetched as soon as it is made.
  const inert = new DOMParser().parseFromString('', 'text/html')
  const place = { until: (input.line ?? 0) - parts.bodyLine - 1, html: '', at: -1 }
  const hidden = { left: MOST_HIDDEN, unmarked: 0 }
  const written: string[] = []
  const table = fieldTable(inert, parts.fields)
  if (table) {
    const head = inert.createElement('div')
    head.append(table)
    showHiddenIn(head, hidden)
    written.push(head.innerHTML)
  }
  let since = performance.now()
  for (const batch of batches(parts.blocks)) {
    const content = new DOMParser().parseFromString(sanitised(batch), 'text/html').body
    for (const link of content.querySelectorAll('a')) makeInert(link)
    for (const image of content.querySelectorAll('img')) replaceImage(image, input.imageOf)
    showHiddenIn(content, hidden)
    const mark = findPlace(content, place.until)
    if (mark !== undefined) {
      // The place of an earlier batch was not the last one: it is written again without.
      if (place.at !== -1) written[place.at] = place.html
      ;[place.at, place.html] = [written.length, content.innerHTML]
      mark.id = 'here'
    }
    written.push(content.innerHTML)
    if (performance.now() - since < SLICE_MS) continue
    await new Promise(resolve => setTimeout(resolve))
    if (!wanted()) return undefined
    since = performance.now()
  }
  const policy = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
  return {
    unmarked: hidden.unmarked,
    html: `<!doctype html><html lang="" data-scheme="${scheme}"><head><meta charset="utf-8"><meta http-equiv="Content-Security-Policy" content="${policy}"><title>Preview</title><style${nonceAttribute()}>${PREVIEW_STYLE}</style></head><body><main>${written.join('')}</main></body></html>`,
  }
}

function* batches(blocks: readonly string[]): Generator<string> {
  let batch = ''
  for (const block of blocks) {
    if (batch !== '' && batch.length + block.length > BATCH) {
      yield batch
      batch = ''
    }
    batch += block
  }
  if (batch !== '') yield batch
}

const sanitised = (html: string): string =>
  DOMPurify.sanitize(html, {
    ...ALLOWED,
    ALLOWED_TAGS: [...ALLOWED.ALLOWED_TAGS],
    ALLOWED_ATTR: [...ALLOWED.ALLOWED_ATTR],
  })

function fieldTable(document: Document, fields: PreviewBlocks['fields']): HTMLElement | undefined {
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

function showHiddenIn(root: HTMLElement, hidden: { left: number; unmarked: number }): void {
  const document = root.ownerDocument
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_TEXT)
  const texts: Text[] = []
  while (walker.nextNode()) if (walker.currentNode instanceof Text) texts.push(walker.currentNode)
  for (const text of texts) {
    const pieces: (string | Node)[] = []
    let done = 0
    for (const { 0: run, index } of text.data.matchAll(hiddenRuns())) {
      if (hidden.left === 0) {
        hidden.unmarked += run.length
        continue
      }
      hidden.left--
      const { label, title } = showHiddenRun(run)
      const mark = document.createElement('span')
      mark.className = 'hidden'
      mark.textContent = label
      mark.title = title
      pieces.push(text.data.slice(done, index), mark)
      done = index + run.length
    }
    if (pieces.length > 0) text.replaceWith(...pieces, text.data.slice(done))
  }
}

/** The last block that starts at or before the line is where the frame's scrolling starts (`scroll-initial-target`). */
function findPlace(root: HTMLElement, bodyLine: number): Element | undefined {
  let place: Element | undefined
  for (const block of root.querySelectorAll('[data-line]')) {
    if (Number(block.getAttribute('data-line')) <= bodyLine) place = block
    block.removeAttribute('data-line')
  }
  return place
}

/** The document inherits the page's policy as well; where that asks for a nonce, its one style has it. */
function nonceAttribute(): string {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')
  const value = meta?.nonce || meta?.getAttribute('content') || ''
  return /^[\w+/=-]+$/.test(value) ? ` nonce="${value}"` : ''
}
