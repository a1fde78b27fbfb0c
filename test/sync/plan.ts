import { Chance } from './chance.ts'
import { EDITS, type Edit } from './edits.ts'
import { type Faults, NO_FAULTS } from './link.ts'

/**
 * What is going to happen in one history, drawn from its seed before anything does: so a failing one can be made smaller by
 * leaving steps out, and what stays happens as before.
 */
export type Plan = {
  seed: number
  teams: number
  /** The members of each team; the first one is its admin. */
  people: { name: string; role: 'admin' | 'author' | 'reader' }[]
  /** Whose each machine is, when it first joins, and how far its clock is off, in milliseconds. */
  machines: { person: number; joinsAt: number; clockError: number }[]
  /** Until when there are edits and faults. */
  lastsMs: number
  faults: Faults
  pageRows: number
  steps: Step[]
}

export type Step = { at: number } & (
  | { kind: 'edit'; machine: number; team: number; what: Edit; seed: number }
  | { kind: 'offline'; machine: number; ms: number }
  | { kind: 'clock'; machine: number; byMs: number }
  | { kind: 'crash'; machine: number }
  /** The registry's rows as they were, put back: announced by another epoch, or not. */
  | { kind: 'backup'; team: number }
  | { kind: 'restore'; team: number; epoch: 'new' | 'same' }
  /** A member loses the login, and gets another one later. */
  | { kind: 'removed'; team: number; person: number; ms: number }
  | { kind: 'role'; team: number; person: number; role: 'admin' | 'author' }
  | { kind: 'quota'; team: number; ms: number }
  /** Nobody reaches the registry. */
  | { kind: 'outage'; ms: number }
)

const MINUTE = 60_000
const YEAR = 365 * 24 * 60 * MINUTE

const LEVELS: Record<'none' | 'mild' | 'harsh' | 'crashy', Faults> = {
  none: NO_FAULTS,
  mild: { lost: 0.02, unanswered: 0.03, twice: 0.05, swallowed: 0.005, slowMs: 300, crash: 0.002, rot: 0, full: 0.001 },
  harsh: {
    lost: 0.1,
    unanswered: 0.15,
    twice: 0.15,
    swallowed: 0.02,
    slowMs: 3_000,
    crash: 0.004,
    rot: 0.03,
    full: 0.005,
  },
  crashy: { lost: 0.01, unanswered: 0.05, twice: 0.05, swallowed: 0, slowMs: 200, crash: 0.03, rot: 0.01, full: 0 },
}

export function planOf(seed: number): Plan {
  const chance = new Chance(seed)
  const teams = chance.yes(0.2) ? 2 : 1
  const people: Plan['people'] = [{ name: 'Ada', role: 'admin' }]
  const names = ['Ben', 'Cleo', 'Dan'].slice(0, chance.int(1, 3))
  for (const name of names) people.push({ name, role: chance.yes(0.12) ? 'reader' : 'author' })
  const machines: Plan['machines'] = []
  const lastsMs = chance.int(1, 12) * MINUTE
  const count = chance.int(2, 5)
  for (let n = 0; n < count; n++)
    machines.push({
      person: n < 2 ? n : chance.int(0, people.length - 1),
      joinsAt: n > 0 && chance.yes(0.2) ? chance.int(0, lastsMs) : 0,
      clockError: chance.yes(0.3) ? chance.int(-3 * YEAR, 3 * YEAR) : chance.int(-2_000, 2_000),
    })
  const steps: Step[] = []
  const at = () => chance.int(0, lastsMs)
  const machine = () => chance.int(0, machines.length - 1)
  const team = () => chance.int(0, teams - 1)
  const edits = chance.int(10, 70)
  for (let n = 0; n < edits; n++) {
    const what = chance.weighted(EDITS)
    steps.push({ at: at(), kind: 'edit', machine: machine(), team: team(), what, seed: chance.int(0, 2 ** 31) })
  }
  for (let n = chance.int(0, 4); n > 0; n--)
    steps.push({ at: at(), kind: 'offline', machine: machine(), ms: chance.int(1_000, 6 * MINUTE) })
  for (let n = chance.int(0, 2); n > 0; n--)
    steps.push({ at: at(), kind: 'clock', machine: machine(), byMs: chance.int(-2 * YEAR, 2 * YEAR) })
  for (let n = chance.int(0, 3); n > 0; n--) steps.push({ at: at(), kind: 'crash', machine: machine() })
  if (chance.yes(0.3)) steps.push({ at: at(), kind: 'outage', ms: chance.int(1_000, 3 * MINUTE) })
  if (chance.yes(0.2)) {
    const of = team()
    const [kept, put] = [at(), at()].sort((a, b) => a - b)
    steps.push({ at: kept ?? 0, kind: 'backup', team: of })
    steps.push({ at: put ?? 0, kind: 'restore', team: of, epoch: chance.yes(0.7) ? 'new' : 'same' })
  }
  if (chance.yes(0.12))
    steps.push({
      at: at(),
      kind: 'removed',
      team: team(),
      person: chance.int(1, people.length - 1),
      ms: chance.int(1_000, 6 * MINUTE),
    })
  if (chance.yes(0.1))
    steps.push({ at: at(), kind: 'role', team: team(), person: chance.int(1, people.length - 1), role: 'admin' })
  if (chance.yes(0.08)) steps.push({ at: at(), kind: 'quota', team: team(), ms: chance.int(1_000, 3 * MINUTE) })
  const level = chance.weighted({ none: 2, mild: 4, harsh: 3, crashy: 2 })
  const pageRows = chance.pick([2, 3, 5, 10, 50, 2_000])
  // What follows is drawn last, so that older seeds keep what they had, and get this as well.
  for (let n = chance.int(0, 4); n > 0; n--) {
    const what = chance.weighted({ addCaseWithFiles: 3, changeFiles: 2 })
    steps.push({ at: at(), kind: 'edit', machine: machine(), team: team(), what, seed: chance.int(0, 2 ** 31) })
  }
  for (let n = chance.int(0, 4); n > 0; n--) steps.push(...meeting(chance, machines.length, team(), at()))
  steps.sort((a, b) => a.at - b.at)
  return { seed, teams, people, machines, lastsMs, faults: LEVELS[level], pageRows, steps }
}

/**
 * What two people do who do not know of each other, to the same thing where both have it. The first ones draw all alike, such
 * as a name; the others only what they pick first.
 */
const ALIKE: readonly [Edit, Edit][] = [
  ['createSkill', 'createSkill'],
  ['rename', 'rename'],
  ['changeCase', 'deleteCase'],
  ['deleteSkill', 'saveVersion'],
]
const AKIN: readonly [Edit, Edit][] = [
  ['saveVersion', 'saveVersion'],
  ['type', 'saveVersion'],
  ['publish', 'publish'],
  ['rate', 'rate'],
  ['unrate', 'rate'],
  ['review', 'review'],
  ['review', 'takeFeedbackBack'],
  ['changeFiles', 'changeFiles'],
  ['describe', 'archive'],
]

function meeting(chance: Chance, machines: number, team: number, at: number): Step[] {
  const first = chance.int(0, machines - 1)
  const second = (first + chance.int(1, machines - 1)) % machines
  const alike = chance.yes(0.35)
  const [one, other] = chance.pick(alike ? ALIKE : AKIN)
  const seed = chance.int(0, 2 ** 31)
  const then = at + chance.int(0, 5_000)
  const steps: Step[] = [
    { at, kind: 'edit', machine: first, team, what: one, seed },
    { at: then, kind: 'edit', machine: second, team, what: other, seed: alike ? seed : akin(chance, seed) },
  ]
  if (chance.yes(0.6)) steps.push({ at, kind: 'offline', machine: first, ms: chance.int(1_000, MINUTE) })
  return steps
}

/** Another seed that begins nearly as this one does. */
function akin(chance: Chance, seed: number): number {
  const begins = new Chance(seed).next()
  for (let tries = 0; tries < 24; tries++) {
    const other = chance.int(0, 2 ** 31)
    if (Math.abs(new Chance(other).next() - begins) < 0.04) return other
  }
  return seed
}

/** Whether whoever sits at that machine may do that at all. */
export const mayMake = ({ people, machines }: Plan, machine: number, what: Edit): boolean =>
  people[machines[machine]?.person ?? 0]?.role !== 'reader' || READERS.has(what)

/** What somebody may do who may only read. */
const READERS: ReadonlySet<string> = new Set([
  'rate',
  'unrate',
  'giveFeedback',
  'takeFeedbackBack',
  'measure',
  'use',
  'type',
])
