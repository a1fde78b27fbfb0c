import { closeBrackets, closeBracketsKeymap } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap, indentWithTab } from '@codemirror/commands'
import { bracketMatching, indentOnInput, indentUnit } from '@codemirror/language'
import { lintGutter, lintKeymap } from '@codemirror/lint'
import { highlightSelectionMatches, search, searchKeymap } from '@codemirror/search'
import { EditorState, type Extension } from '@codemirror/state'
import {
  crosshairCursor,
  drawSelection,
  dropCursor,
  EditorView,
  highlightActiveLine,
  highlightActiveLineGutter,
  keymap,
  lineNumbers,
  placeholder,
  rectangularSelection,
} from '@codemirror/view'
import { safeName } from '../../shared/domain/hidden-characters.ts'
import { visibleHidden } from './invisible.ts'
import { languageOf } from './language.ts'
import type { LineBreak } from './line-breaks.ts'
import { longLines } from './long-lines.ts'
import { plainNotice } from './plain-notice.ts'
import { searchWithinBounds } from './search.ts'
import { editorTheme } from './theme.ts'

/** What every view of a file's text has: colours, language, search, hidden characters made visible, and bounds that keep it quick. */
export const viewing = (path: string, text: string): Extension => [
  editorTheme(),
  longLines,
  languageOf(path, text),
  visibleHidden(),
  plainNotice,
  highlightSelectionMatches(),
  search({ top: true }),
  keymap.of(searchKeymap),
]

/** Text that can be read, searched and copied, and takes the keyboard's focus, but not changed. */
export const reading = (label: string): Extension => [
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ tabindex: '0', 'aria-label': safeName(label), 'aria-readonly': 'true' }),
  keymap.of(defaultKeymap),
]

/**
 * A whole editor. Tab indents; Escape and then Tab, or Ctrl-M (Shift-Alt-M on a Mac), leaves the editor by keyboard.
 */
export const editing = (path: string, text: string, label: string, lineBreak: LineBreak): Extension => [
  viewing(path, text),
  searchWithinBounds,
  EditorState.lineSeparator.of(lineBreak),
  EditorState.allowMultipleSelections.of(true),
  EditorView.contentAttributes.of({ 'aria-label': safeName(label), spellcheck: 'true', autocapitalize: 'off' }),
  indentUnit.of(indentOf(text)),
  lineNumbers(),
  highlightActiveLine(),
  highlightActiveLineGutter(),
  history(),
  drawSelection(),
  dropCursor(),
  rectangularSelection(),
  crosshairCursor(),
  indentOnInput(),
  bracketMatching(),
  closeBrackets(),
  lintGutter(),
  keymap.of([...closeBracketsKeymap, ...defaultKeymap, ...historyKeymap, ...lintKeymap, indentWithTab]),
]

/** Stands in for a large text on its way. */
export const opening = (label: string): Extension => [
  editorTheme(),
  placeholder('Opening…'),
  EditorState.readOnly.of(true),
  EditorView.editable.of(false),
  EditorView.contentAttributes.of({ 'aria-label': safeName(label), 'aria-busy': 'true' }),
]

/** Tabs where the file indents by tabs, otherwise two blanks, as YAML has it. */
const indentOf = (text: string): string => (/^\t/m.test(text.slice(0, 20_000)) ? '\t' : '  ')
