import type { JsonRule } from './json.ts'

/** What one column of a synced row may hold; `null` where it may be null. Sizes are bytes of UTF-8. */
export type ColumnRule = {
  null?: true
} /** `refers`: to a row that is there, which the registry's keys and functions see to. */ & (
  | { kind: 'id'; refers?: true }
  | { kind: 'slug' }
  /** Lowercase hex of a SHA-256. */
  | { kind: 'hash' }
  | { kind: 'line'; least: number; most: number }
  | { kind: 'text'; most: number; characters?: number }
  /** `otherwise`: what the registry's migration puts in the place of a value that breaks the rule; left out: null, or `least`. */
  | { kind: 'whole'; least: number; most: number }
  | { kind: 'real'; least: number; most: number; otherwise?: number }
  | { kind: 'choice'; values: readonly string[] }
  | { kind: 'json'; most: number; rule: JsonRule }
  /** Made on both sides from other columns or rows: neither taken nor checked. */
  | { kind: 'derived' }
)

/** Ids are UUIDs where this app makes them; other tools' may be any plain word. Nothing that is a path or a property of objects. */
export const MOST_ID = 64
export const ID = /^[A-Za-z0-9][A-Za-z0-9_-]{0,63}$/
export const RESERVED_IDS = [
  'constructor',
  'hasOwnProperty',
  'isPrototypeOf',
  'propertyIsEnumerable',
  'prototype',
  'toLocaleString',
  'toString',
  'valueOf',
] as const
const reserved: ReadonlySet<string> = new Set(RESERVED_IDS)
export const isId = (text: string): boolean => ID.test(text) && !reserved.has(text)

export const HASH = /^[0-9a-f]{64}$/

/** Tokens, milliseconds and microcents (10^15 of them are ten million dollars): far from 2^53, so sums stay exact. */
export const MOST_COUNTED = 1e15
/** The latest instant that JavaScript's Date knows. */
export const LATEST = 8.64e15

const MB = 1_048_576

export const id: ColumnRule = { kind: 'id' }
export const ref: ColumnRule = { kind: 'id', refers: true }
export const hash: ColumnRule = { kind: 'hash' }
export const slug: ColumnRule = { kind: 'slug' }
export const derived: ColumnRule = { kind: 'derived' }
export const instant: ColumnRule = { kind: 'whole', least: 0, most: LATEST }
export const count: ColumnRule = { kind: 'whole', least: 0, most: MOST_COUNTED }
export const flag: ColumnRule = { kind: 'whole', least: 0, most: 1 }
export const line = (most: number, least = 0): ColumnRule => ({ kind: 'line', least, most })
export const text = (most = MB): ColumnRule => ({ kind: 'text', most })
export const whole = (least: number, most: number): ColumnRule => ({ kind: 'whole', least, most })
export const choice = (...values: string[]): ColumnRule => ({ kind: 'choice', values })
export const json = (most: number, rule: JsonRule): ColumnRule => ({ kind: 'json', most, rule })
export const or = (rule: ColumnRule): ColumnRule => ({ ...rule, null: true })
