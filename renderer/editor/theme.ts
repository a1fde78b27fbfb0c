import { HighlightStyle, syntaxHighlighting } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

/**
 * One theme for both colour schemes: every colour is a CSS variable of Mantine's, which changes with the scheme, so
 * that an editor need not be built again when the scheme changes.
 */
const look = EditorView.theme({
  '&': { color: 'var(--mantine-color-text)', backgroundColor: 'transparent', height: '100%', fontSize: '13px' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mantine-font-family-monospace)', lineHeight: '20px' },
  '.cm-content': { caretColor: 'var(--mantine-color-text)', padding: '8px 0' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--mantine-color-text)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    backgroundColor: 'light-dark(#cfe3fb, #24476f)',
  },
  '.cm-activeLine, .cm-activeLineGutter': { backgroundColor: 'light-dark(#0000000a, #ffffff0a)' },
  '.cm-gutters': {
    backgroundColor: 'transparent',
    color: 'var(--ws-dim)',
    border: 'none',
    fontVariantNumeric: 'tabular-nums',
  },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 8px 0 12px', minWidth: '40px' },
  '.cm-specialChar': {
    color: 'var(--ws-bad)',
    border: '1px solid currentColor',
    borderRadius: '2px',
    padding: '0 1px',
    margin: '0 1px',
  },
  '.cm-searchMatch': { backgroundColor: 'var(--ws-mark)', color: 'inherit' },
  '.cm-searchMatch.cm-searchMatch-selected': { backgroundColor: 'light-dark(#ffc53d, #9a7b00)' },
  '.cm-panels': {
    backgroundColor: 'var(--ws-panel)',
    color: 'var(--mantine-color-text)',
    fontFamily: 'var(--mantine-font-family)',
    zIndex: '3',
  },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--ws-line)' },
  '.cm-panels.cm-panels-bottom': { borderTop: '1px solid var(--ws-line)' },
  '.cm-panel.cm-search': { padding: '0' },
  '.cm-textfield': {
    backgroundColor: 'var(--mantine-color-body)',
    border: '1px solid var(--ws-line)',
    borderRadius: '4px',
    color: 'inherit',
    padding: '2px 6px',
  },
  '.cm-button': {
    backgroundImage: 'none',
    backgroundColor: 'var(--mantine-color-default)',
    border: '1px solid var(--ws-line)',
    borderRadius: '4px',
    color: 'inherit',
  },
  '.cm-tooltip': {
    backgroundColor: 'var(--mantine-color-body)',
    border: '1px solid var(--ws-line)',
    borderRadius: '4px',
    fontFamily: 'var(--mantine-font-family)',
  },
  '.cm-diagnostic': { padding: '4px 8px', maxWidth: '480px' },
})

const colours = HighlightStyle.define([
  { tag: tags.heading, fontWeight: '600', color: 'light-dark(#0b4f9e, #8ec1ff)' },
  { tag: tags.strong, fontWeight: '600' },
  { tag: tags.emphasis, fontStyle: 'italic' },
  { tag: tags.strikethrough, textDecoration: 'line-through' },
  { tag: [tags.link, tags.url], color: 'light-dark(#0b6e75, #6fd0d8)' },
  { tag: [tags.monospace], color: 'light-dark(#8a3b00, #ffb27d)' },
  { tag: [tags.processingInstruction, tags.meta, tags.contentSeparator], color: 'var(--ws-dim)' },
  { tag: [tags.quote], color: 'light-dark(#4a5563, #b4bfcc)', fontStyle: 'italic' },
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'light-dark(#0b4f9e, #8ec1ff)' },
  { tag: [tags.string, tags.content], color: 'inherit' },
  { tag: [tags.keyword, tags.bool, tags.null], color: 'light-dark(#7a2b8f, #d9a0e8)' },
  { tag: [tags.number], color: 'light-dark(#1c6b2d, #8fd6a0)' },
  { tag: tags.comment, color: 'var(--ws-dim)', fontStyle: 'italic' },
  { tag: tags.invalid, textDecoration: 'underline wavy var(--ws-bad)' },
])

/** A style tag that the page's content security policy lets in, where it names a nonce. */
function nonce(): Extension {
  const meta = document.querySelector<HTMLMetaElement>('meta[property="csp-nonce"]')
  const value = meta?.nonce || meta?.getAttribute('content')
  return value ? EditorView.cspNonce.of(value) : []
}

/** Colours, type and spacing of every editor and text view. */
export const editorTheme = (): Extension => [look, syntaxHighlighting(colours), nonce()]
