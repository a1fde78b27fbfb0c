/** The same as jsx-runtime.ts while developing. */
import type { ElementType, Key, ReactElement } from 'react'
import * as react from 'react/jsx-dev-runtime'
import { safe } from './jsx-runtime.ts'

export { Fragment } from 'react/jsx-dev-runtime'

type More = Parameters<typeof react.jsxDEV> extends [unknown, unknown, unknown, ...infer Rest] ? Rest : never

export const jsxDEV = (type: ElementType, props: unknown, key: Key | undefined, ...more: More): ReactElement =>
  react.jsxDEV(type, safe(type, props), key, ...more)
