/**
 * React's own runtime of JSX, but for text: what an element shows passes through `shownProps`. The build puts this file in React's
 * place, for our components and for those of libraries.
 */
import type { ElementType, Key, ReactElement } from 'react'
import * as react from 'react/jsx-runtime'
import { shownProps } from './shown-text.ts'

export { Fragment } from 'react/jsx-runtime'

const isProps = (props: unknown): props is Record<string, unknown> => typeof props === 'object' && props !== null

/** Of an element or a fragment; a component shows nothing by itself. */
export function safe(type: ElementType, props: unknown): unknown {
  if (!isProps(props)) return props
  if (typeof type === 'string') return shownProps(type, props)
  const anything: unknown = type
  return anything === react.Fragment ? shownProps('', props) : props
}

export const jsx = (type: ElementType, props: unknown, key?: Key): ReactElement =>
  react.jsx(type, safe(type, props), key)
export const jsxs = (type: ElementType, props: unknown, key?: Key): ReactElement =>
  react.jsxs(type, safe(type, props), key)
