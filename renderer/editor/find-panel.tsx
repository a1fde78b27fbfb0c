import {
  closeSearchPanel,
  findNext,
  findPrevious,
  getSearchQuery,
  replaceAll,
  replaceNext,
  SearchQuery,
  search,
  setSearchQuery,
} from '@codemirror/search'
import type { Extension } from '@codemirror/state'
import { type EditorView, type Panel, runScopeHandlers, type ViewUpdate } from '@codemirror/view'
import { TextInput } from '@mantine/core'
import {
  IconArrowDown,
  IconArrowUp,
  IconChevronDown,
  IconChevronRight,
  IconLetterCase,
  IconLetterW,
  IconRegex,
  IconReplace,
  IconX,
} from '@tabler/icons-react'
import { type KeyboardEvent, type ReactNode, useEffect, useMemo, useRef, useState } from 'react'
import { createPortal } from 'react-dom'
import { formatNumber } from '../ui/format.ts'
import { IconAction } from '../ui/icon-action.tsx'
import { inSlices } from '../ui/slices.ts'
import classes from './editor.module.css'
import { type Match, matchesIn } from './search-steps.ts'

/** Where CodeMirror put the panel; `changes` grows with whatever may change what it shows, so that it is drawn again. */
type Open = { view: EditorView; dom: HTMLElement; changes: number }

/**
 * The app's own panel for finding in an editor, in place of CodeMirror's. The extension goes into the editor's state, the panel
 * wherever the editor's component is: it draws itself into the editor.
 */
export function useFindPanel(): { findPanel: Extension; panel: ReactNode } {
  const [open, setOpen] = useState<Open>()
  const findPanel = useMemo(() => {
    const createPanel = (view: EditorView): Panel => {
      const dom = document.createElement('div')
      // The name by which search.ts knows a search's buttons.
      dom.className = 'cm-search'
      dom.addEventListener('keydown', event => {
        if (runScopeHandlers(view, event, 'search-panel')) event.preventDefault()
      })
      setOpen({ view, dom, changes: 0 })
      return {
        dom,
        top: true,
        update: ({ docChanged, selectionSet, startState, state }: ViewUpdate) => {
          const asked = getSearchQuery(startState) !== getSearchQuery(state)
          if (docChanged || selectionSet || asked) setOpen(was => was && { ...was, changes: was.changes + 1 })
        },
        destroy: () => setOpen(undefined),
      }
    }
    return search({ createPanel })
  }, [])
  const panel = open && createPortal(<FindPanel view={open.view} />, open.dom)
  return { findPanel, panel }
}

type Asked = Pick<SearchQuery, 'search' | 'replace' | 'caseSensitive' | 'regexp' | 'wholeWord'>

function FindPanel({ view }: { view: EditorView }) {
  const query = getSearchQuery(view.state)
  const { readOnly } = view.state
  const input = useRef<HTMLInputElement>(null)
  const [replacing, setReplacing] = useState(false)
  const found = useMatches(view, query)
  useEffect(() => {
    input.current?.focus()
    input.current?.select()
  }, [])
  const ask = (change: Partial<Asked>) => {
    const { search, replace, caseSensitive, regexp, wholeWord } = query
    const next = new SearchQuery({ search, replace, caseSensitive, regexp, wholeWord, literal: true, ...change })
    view.dispatch({ effects: setSearchQuery.of(next) })
  }
  const step = (event: KeyboardEvent) => {
    // In a large text search.ts has already taken it.
    if (event.defaultPrevented || event.key !== 'Enter') return
    event.preventDefault()
    if (event.currentTarget.getAttribute('name') === 'replace') replaceNext(view)
    else if (event.shiftKey) findPrevious(view)
    else findNext(view)
  }
  const none = query.search === '' || !query.valid || found?.total === 0
  const toggle = (name: string, key: 'caseSensitive' | 'wholeWord' | 'regexp', icon: ReactNode) => (
    <IconAction
      name={name}
      size={24}
      aria-pressed={query[key]}
      variant={query[key] ? 'light' : 'subtle'}
      color={query[key] ? 'steel' : 'gray'}
      onClick={() => ask({ [key]: !query[key] })}
    >
      {icon}
    </IconAction>
  )
  return (
    <search className={classes.find} aria-label="Find in this file">
      {!readOnly && (
        <IconAction
          name={replacing ? 'Hide replacing' : 'Replace'}
          size={24}
          aria-expanded={replacing}
          onClick={() => setReplacing(!replacing)}
        >
          {replacing ? <IconChevronDown size={16} stroke={1.5} /> : <IconChevronRight size={16} stroke={1.5} />}
        </IconAction>
      )}
      <div className={classes.findRows}>
        <div className={classes.findRow}>
          <TextInput
            ref={input}
            size="xs"
            name="search"
            main-field="true"
            aria-label="Find"
            placeholder="Find"
            className={classes.findText}
            value={query.search}
            error={!query.valid && query.search !== ''}
            onChange={event => ask({ search: event.currentTarget.value })}
            onKeyDown={step}
            spellCheck={false}
          />
          {toggle('Match upper and lower case', 'caseSensitive', <IconLetterCase size={16} stroke={1.5} />)}
          {toggle('Whole words', 'wholeWord', <IconLetterW size={16} stroke={1.5} />)}
          {toggle('Regular expression', 'regexp', <IconRegex size={16} stroke={1.5} />)}
          <output className={classes.findCount}>{sayFound(query, found)}</output>
          <IconAction
            name="Previous match"
            shortcut="shift+Enter"
            data-find="prev"
            disabled={none}
            onClick={() => findPrevious(view)}
          >
            <IconArrowUp size={16} stroke={1.5} />
          </IconAction>
          <IconAction
            name="Next match"
            shortcut="Enter"
            data-find="next"
            disabled={none}
            onClick={() => findNext(view)}
          >
            <IconArrowDown size={16} stroke={1.5} />
          </IconAction>
          <IconAction name="Close the search" shortcut="Escape" onClick={() => closeSearchPanel(view) && view.focus()}>
            <IconX size={16} stroke={1.5} />
          </IconAction>
        </div>
        {replacing && !readOnly && (
          <div className={classes.findRow}>
            <TextInput
              size="xs"
              name="replace"
              aria-label="Replace with"
              placeholder="Replace with"
              className={classes.findText}
              value={query.replace}
              onChange={event => ask({ replace: event.currentTarget.value })}
              onKeyDown={step}
              spellCheck={false}
            />
            <IconAction
              name="Replace this match"
              shortcut="Enter"
              data-find="replace"
              disabled={none}
              onClick={() => replaceNext(view)}
            >
              <IconReplace size={16} stroke={1.5} />
            </IconAction>
            <button
              type="button"
              className={classes.findAll}
              data-find="replaceAll"
              disabled={none}
              onClick={() => replaceAll(view)}
            >
              Replace all
            </button>
          </div>
        )}
      </div>
    </search>
  )
}

/** Beyond these nobody counts. */
const MOST_COUNTED = 1_000
type Found = { total: number; at: number }

/**
 * How many matches there are, and which of them is selected, from 0 (−1: none). Undefined while it is not known. Looked for again
 * when the text or the question changes; where the cursor is only says which one it is on.
 */
function useMatches(view: EditorView, query: SearchQuery): Found | undefined {
  const { doc, selection } = view.state
  const [matches, setMatches] = useState<readonly Match[]>()
  useEffect(() => {
    setMatches(undefined)
    if (!query.valid) return undefined
    const { state } = view
    return inSlices(
      matchesIn(state, query, 0, doc.length, list => list.length > MOST_COUNTED),
      setMatches,
    )
  }, [view, query, doc])
  const { from, to } = selection.main
  return matches && { total: matches.length, at: matches.findIndex(match => match.from === from && match.to === to) }
}

function sayFound(query: SearchQuery, found: Found | undefined): string {
  if (query.search === '') return ''
  if (!query.valid) return 'not a valid expression'
  if (!found) return ''
  if (found.total === 0) return 'not found'
  const total = found.total > MOST_COUNTED ? `${formatNumber(MOST_COUNTED)}+` : formatNumber(found.total)
  return found.at < 0 ? total : `${formatNumber(found.at + 1)} of ${total}`
}
