import { expect, test } from 'vitest'
import { DEFAULT_VIEW } from '../../routes.ts'
import { COLUMNS, type Order, orderAfter, orderOf } from './columns.ts'

const column = (key: string) => COLUMNS.find(other => other.key === key) ?? expect.fail(`no column ${key}`)

test('a heading sorts its own way first, then the other way, then not at all', () => {
  const orders: Order[] = [{ sort: 'name', descending: false }]
  for (let press = 0; press < 3; press += 1) orders.push(orderAfter(column('rating'), orders.at(-1) ?? expect.fail()))
  expect(orders.slice(1)).toEqual([
    { sort: 'rating', descending: true },
    { sort: 'rating', descending: false },
    { sort: undefined, descending: false },
  ])
})

test('without a choice it is names, and relevance while something is searched for', () => {
  expect(orderOf(DEFAULT_VIEW)).toEqual({ sort: 'name', descending: false })
  expect(orderOf({ ...DEFAULT_VIEW, query: 'pdf' }).sort).toBeUndefined()
  expect(orderOf({ ...DEFAULT_VIEW, query: 'pdf', sort: 'cost' }).sort).toBe('cost')
  expect(orderAfter(column('name'), orderOf(DEFAULT_VIEW))).toEqual({ sort: 'name', descending: true })
})
