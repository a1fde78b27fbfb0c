import Database from 'better-sqlite3'
import { afterEach, expect, test, vi } from 'vitest'
import { Library } from '../library/library.ts'
import { GroupCommit } from './group-commit.ts'

const library = new Library()
const opened = () => {
  library.open(new Database(':memory:'))
  library.db.exec('CREATE TABLE t (n INTEGER PRIMARY KEY) STRICT')
  let commits = 0
  library.committed = () => {
    commits += 1
  }
  return {
    put: (n: number) => () => void library.run('INSERT INTO t VALUES (?)', n),
    here: () => library.all<{ n: number }>('SELECT n FROM t ORDER BY n').map(row => row.n),
    commits: () => commits,
  }
}
afterEach(() => {
  library.close()
  vi.useRealTimers()
})

test('what comes together is one transaction, and each write is there when its promise resolves', async () => {
  const { put, here, commits } = opened()
  const commit = new GroupCommit(library, 4)
  const seen = await Promise.all([1, 2, 3, 4].map(n => commit.write(put(n)).then(here)))
  for (const rows of seen) expect(rows).toEqual([1, 2, 3, 4])
  expect(commits()).toBe(1)
  await commit.write(put(5))
  expect(here()).toEqual([1, 2, 3, 4, 5])
  expect(commits()).toBe(2)
})

test('after a slow commit the next waits for company, but not once all who write are waiting', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] })
  const { put, here, commits } = opened()
  const commit = new GroupCommit(library, 2)
  await commit.write(() => {
    vi.advanceTimersByTime(5)
    put(1)()
  })
  const alone = commit.write(put(2))
  vi.advanceTimersByTime(19)
  expect(here()).toEqual([1])
  vi.advanceTimersByTime(1)
  await alone
  expect(here()).toEqual([1, 2])
  await commit.write(() => vi.advanceTimersByTime(1_000))
  await Promise.all([commit.write(put(3)), commit.write(put(4))])
  expect(here()).toEqual([1, 2, 3, 4])
  expect(commits()).toBe(4)
})

test('a write that fails takes its group with it, tells each of them, and leaves the next one alone', async () => {
  const { put, here } = opened()
  const commit = new GroupCommit(library, 3)
  const ended = await Promise.allSettled([commit.write(put(1)), commit.write(put(1)), commit.write(put(2))])
  expect(ended.map(one => one.status)).toEqual(['rejected', 'rejected', 'rejected'])
  expect(here()).toEqual([])
  await commit.write(put(3))
  expect(here()).toEqual([3])
})

test('writes that come while a group is being told are in the next one, none is lost', async () => {
  const { put, here } = opened()
  const commit = new GroupCommit(library, 3)
  const chain = async (from: number) => {
    for (let n = from; n < from + 20; n++) await commit.write(put(n))
  }
  await Promise.all([chain(0), chain(100), chain(200)])
  expect(here()).toHaveLength(60)
})
