import { createHash } from 'node:crypto'
import { expect, test } from 'vitest'
import { type Draft, startAutosave, type WriteOutcome } from './autosave.ts'

const sha = (text: string): string => createHash('sha256').update(text).digest('hex')

/** A backend of one file that can lose its connection before or after it stored, and a clock that is moved by hand. */
function rig(initial = 'one') {
  let now = 0
  let timers: { at: number; run: () => void }[] = []
  let stored: string | null = initial
  let fail: 'before' | 'after' | undefined
  const writes: string[] = []
  const seen: Draft['state'][] = []
  const autosave = startAutosave({
    now: () => now,
    later: (run, ms) => {
      const timer = { at: now + ms, run }
      timers.push(timer)
      return () => {
        timers = timers.filter(other => other !== timer)
      }
    },
    hash: async text => sha(text),
    changed: draft => seen.push(draft.state),
    forgotten: () => {},
    write: async ({ text, expected }): Promise<WriteOutcome> => {
      await Promise.resolve()
      if (fail === 'before') return { kind: 'lost' }
      const current = stored === null ? null : sha(stored)
      if (expected !== current) return { kind: 'changed-elsewhere', sha256: current }
      writes.push(text)
      stored = text
      if (fail === 'after') return { kind: 'lost' }
      return { kind: 'stored', sha256: sha(text), savedAt: now }
    },
  })
  autosave.load('s', 'SKILL.md', initial, sha(initial), null)
  const settle = async (): Promise<void> => {
    for (let i = 0; i < 20; i++) await Promise.resolve()
  }
  return {
    autosave,
    writes,
    seen,
    settle,
    stored: () => stored,
    state: () => autosave.get('s', 'SKILL.md')?.state,
    type: (text: string) => autosave.edit('s', 'SKILL.md', text),
    lose: (when: 'before' | 'after' | undefined) => {
      fail = when
    },
    elsewhere: (text: string | null) => {
      stored = text
    },
    async pass(ms: number): Promise<void> {
      for (let i = 0; i < ms; i += 50) {
        now += 50
        const due = timers.filter(timer => timer.at <= now)
        timers = timers.filter(timer => timer.at > now)
        for (const timer of due) timer.run()
        await settle()
      }
    },
  }
}

test('text is written after 300 ms of quiet, once', async () => {
  const { type, pass, writes, state } = rig()
  type('one t')
  type('one tw')
  await pass(250)
  expect(writes).toEqual([])
  await pass(50)
  expect(writes).toEqual(['one tw'])
  expect(state()).toBe('clean')
})

test('somebody who types without a pause is written at most a second apart', async () => {
  const { type, pass, writes } = rig()
  for (let i = 0; i < 30; i++) {
    type(`one ${i}`)
    await pass(100)
  }
  expect(writes.length).toBeGreaterThanOrEqual(2)
  expect(writes[0]).toBe('one 9')
})

test('a write lost before it was stored is sent again after the reconnection', async () => {
  const { autosave, type, pass, lose, settle, stored, state } = rig()
  lose('before')
  type('two')
  await pass(300)
  expect(state()).toBe('waiting')
  type('two and more')
  lose(undefined)
  autosave.resume()
  await settle()
  expect(stored()).toBe('two and more')
  expect(state()).toBe('clean')
})

test('a lost write is tried again by itself', async () => {
  const { type, pass, lose, stored } = rig()
  lose('before')
  type('two')
  await pass(300)
  lose(undefined)
  await pass(1_000)
  expect(stored()).toBe('two')
})

test('a write that was stored but whose answer was lost is recognised as its own', async () => {
  const { autosave, type, pass, lose, settle, state, writes } = rig()
  lose('after')
  type('two')
  await pass(300)
  expect(state()).toBe('waiting')
  lose(undefined)
  autosave.resume()
  await settle()
  expect(state()).toBe('clean')
  expect(writes).toEqual(['two'])
})

test('an answer that was lost, and typing meanwhile: the later text follows', async () => {
  const { autosave, type, pass, lose, settle, state, stored } = rig()
  lose('after')
  type('two')
  await pass(300)
  type('three')
  lose(undefined)
  autosave.resume()
  await settle()
  await pass(1_000)
  expect(state()).toBe('clean')
  expect(stored()).toBe('three')
})

test('another window’s text is never overwritten without a choice', async () => {
  const { autosave, type, pass, elsewhere, settle, stored, state } = rig()
  elsewhere('theirs')
  type('mine')
  await pass(300)
  expect(state()).toBe('conflict')
  expect(stored()).toBe('theirs')
  type('mine, longer')
  await pass(2_000)
  expect(stored()).toBe('theirs')
  autosave.keepMine('s', 'SKILL.md')
  await settle()
  expect(stored()).toBe('mine, longer')
  expect(state()).toBe('clean')
})

test('keeping mine is about what the other window holds by then', async () => {
  const { autosave, type, pass, elsewhere, settle, stored, state } = rig()
  elsewhere('theirs')
  type('mine')
  await pass(300)
  elsewhere('theirs, longer')
  autosave.load('s', 'SKILL.md', 'theirs, longer', sha('theirs, longer'), null)
  expect(autosave.get('s', 'SKILL.md')?.text).toBe('mine')
  autosave.keepMine('s', 'SKILL.md')
  await settle()
  expect(stored()).toBe('mine')
  expect(state()).toBe('clean')
})

test('taking the other text ends the conflict without a write', async () => {
  const { autosave, type, pass, elsewhere, writes, state } = rig()
  elsewhere('theirs')
  type('mine')
  await pass(300)
  autosave.takeTheirs('s', 'SKILL.md', 'theirs', sha('theirs'))
  await pass(2_000)
  expect(writes).toEqual([])
  expect(state()).toBe('clean')
})

test('flush writes at once and says whether everything is stored', async () => {
  const { autosave, type, lose, stored } = rig()
  type('two')
  expect(await autosave.flush('s')).toBe(true)
  expect(stored()).toBe('two')
  lose('before')
  type('three')
  expect(await autosave.flush('s')).toBe(false)
})

test('opening a file again keeps its unsaved text', async () => {
  const { autosave, type } = rig()
  type('two')
  expect(autosave.load('s', 'SKILL.md', 'one', sha('one'), null).text).toBe('two')
})

test('text left over from an earlier page is sent, and a newer stored text makes it a conflict', async () => {
  const { autosave, pass, stored, state, elsewhere } = rig()
  const left = { skillId: 's', path: 'SKILL.md', text: 'left over', stored: sha('one'), sent: [] }
  autosave.recover(left)
  await pass(300)
  expect(stored()).toBe('left over')
  elsewhere('theirs')
  autosave.recover({ ...left, text: 'left over again', stored: sha('left over') })
  await pass(300)
  expect(state()).toBe('conflict')
})

test('a write that was on its way when the page went away is the next page’s own', async () => {
  const first = rig()
  first.lose('after')
  first.type('two')
  await first.pass(300)
  first.type('two, three')
  const [left] = first.autosave.leftOver()
  expect(left).toMatchObject({ text: 'two, three', sent: ['two'] })

  const next = rig(first.stored() ?? '')
  if (left) next.autosave.recover(left)
  await next.pass(300)
  await next.pass(1_000)
  expect(next.state()).toBe('clean')
  expect(next.stored()).toBe('two, three')
})

test('nothing is left over once all is stored', async () => {
  const { autosave, type, pass } = rig()
  type('two')
  expect(autosave.leftOver()).toHaveLength(1)
  await pass(300)
  expect(autosave.leftOver()).toEqual([])
})
