/**
 * Where a fault may strike: before and after each call to the other side, and each commit here. In the app a point does
 * nothing; the simulation throws there, and the fault suite kills the process there.
 */
export const POINTS = [
  'hello:before',
  'hello:after',
  'pull:before',
  'pull:after',
  'pull:applied',
  'pull:committed',
  'reconcile:begun',
  'reconcile:finishing',
  'reconcile:done',
  'remove:before',
  'remove:after',
  'remove:acknowledged',
  'skills:before',
  'skills:after',
  'skills:acknowledged',
  'put:before',
  'put:after',
  'put:noted',
  'versions:before',
  'versions:after',
  'versions:acknowledged',
  'publish:before',
  'publish:after',
  'publish:acknowledged',
  'review:before',
  'review:after',
  'review:acknowledged',
  'rows:before',
  'rows:after',
  'rows:acknowledged',
  'get:before',
  'get:after',
  'get:stored',
  'join:accepted',
  'join:kept',
  'join:committed',
] as const

export type Point = (typeof POINTS)[number]
export type AtPoint = (name: Point) => void
