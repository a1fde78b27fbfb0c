/**
 * What may be shown of a text that others wrote: hidden characters are written out, text from right to left is kept apart from what
 * stands beside it, and no element gets more text than it can lay out at once. Every element that React makes passes through
 * here (jsx-runtime.ts), so that no list, tooltip or message has to remember it.
 */
import { runsIsolated, withHiddenShown } from '../../shared/domain/hidden-characters.ts'

const MOST = {
  /** Characters of a tooltip or a label. */
  attribute: 2_000,
  text: 20_000,
  /** Of text that is shown as it is written. */
  pre: 200_000,
} as const

/** Attributes of an element that a person is shown, or that is read out. */
const SHOWN_ATTRIBUTES = [
  'title',
  'aria-label',
  'aria-description',
  'aria-valuetext',
  'alt',
  'placeholder',
  'label',
] as const

/** Cut where it is too long, and says so. */
export function shownText(text: string, most: number = MOST.text): string {
  if (text.length <= most) return withHiddenShown(text)
  const more = (text.length - most).toLocaleString('en')
  return `${withHiddenShown(text.slice(0, most))}… (${more} more characters)`
}

/** The same for a tooltip or a label that no element of React's carries. */
export const shownLabel = (text: string): string => runsIsolated(shownText(text, MOST.attribute))

/** The properties of an element, safe to show; the same object where nothing had to change. `type`: 'span', or '' for a fragment. */
export function shownProps(type: string, props: Record<string, unknown>): Record<string, unknown> {
  // Their text is code or a value.
  if (type === 'style' || type === 'script' || type === 'textarea') return props
  let shown = props
  const set = (key: string, value: unknown): void => {
    if (shown === props) shown = { ...props }
    shown[key] = value
  }
  for (const key of SHOWN_ATTRIBUTES) {
    const value = props[key]
    if (typeof value !== 'string') continue
    const text = shownLabel(value)
    if (text !== value) set(key, text)
  }
  const { children } = props
  const most = type === 'pre' ? MOST.pre : MOST.text
  if (typeof children === 'string') {
    const text = type === 'pre' ? shownText(children, most) : runsIsolated(shownText(children, most))
    if (text !== children) set('children', text)
  } else if (Array.isArray(children) && children.some(each => typeof each === 'string')) {
    // Several in one element: what runs the other way must not take its neighbours along.
    const texts = children.map((each: unknown) =>
      typeof each === 'string' ? runsIsolated(shownText(each, most)) : each,
    )
    if (texts.some((text, at) => text !== children[at])) set('children', texts)
  }
  return shown
}
