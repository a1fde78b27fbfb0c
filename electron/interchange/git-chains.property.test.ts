import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import {
  type Change,
  type Commit,
  gitMissing,
  initRepository,
  writeCommits,
} from '../../test/support/git-repository.ts'
import { readGit } from './git-history.ts'
import { RecordingSink } from './recording-sink.ts'
import { outermostSkills } from './skill-files.ts'

/**
 * Random histories with forks, merges, renames, deletions and skills inside skills, against a model that keeps every
 * commit's whole tree and decides nothing.
 */

type Tree = Map<string, string>
type Drawn = { parents: [number, number]; merge: boolean; root: boolean; steps: [number, number, number][] }

const FOLDERS = ['a', 'b', 'a/in', 'c/deep', '']
const NAMES = ['SKILL.md', 'SKILL.md', 'x.md', 'y/z.md']
/** Long enough that git finds a renamed file again, different enough between skills that it finds the right one. */
const content = (kind: number, at: number) =>
  `${kind}:${at}\n${`${'abcdefgh'[kind % 8]} stays ${kind % 8}\n`.repeat(12)}`

const drawn: fc.Arbitrary<Drawn[]> = fc.array(
  fc.record({
    parents: fc.tuple(fc.nat(3), fc.nat(6)),
    merge: fc.boolean(),
    root: fc.integer({ min: 0, max: 15 }).map(n => n === 0),
    steps: fc.array(fc.tuple(fc.nat(99), fc.nat(99), fc.nat(99)), { maxLength: 3, size: 'max' }),
  }),
  { minLength: 1, maxLength: 16, size: 'max' },
)

const at = (folder: string, name: string) => (folder === '' ? name : `${folder}/${name}`)
const inside = (tree: Tree, folder: string) => [...tree].filter(([path]) => path.startsWith(`${folder}/`))

/** A path that is a file where another needs a folder cannot be in a tree. */
const fits = (tree: Tree, path: string) =>
  ![...tree.keys()].some(other => other.startsWith(`${path}/`) || path.startsWith(`${other}/`))

function step(tree: Tree, other: Tree | undefined, [what, one, two]: [number, number, number], id: number): void {
  const folder = FOLDERS[one % FOLDERS.length] ?? 'a'
  const name = NAMES[two % NAMES.length] ?? 'x.md'
  if (what < 45) {
    if (fits(tree, at(folder, name))) tree.set(at(folder, name), content(one % FOLDERS.length, id))
  } else if (what < 60) tree.delete(at(folder, name))
  else if (what < 75) {
    const to = FOLDERS[two % FOLDERS.length] ?? 'b'
    if (folder === '' || to === '' || `${to}/`.startsWith(`${folder}/`) || inside(tree, to).length > 0) return
    for (const [path, bytes] of inside(tree, folder)) {
      tree.delete(path)
      tree.set(to + path.slice(folder.length), bytes)
    }
  } else if (other && folder !== '') {
    for (const [path] of inside(tree, folder)) tree.delete(path)
    for (const [path, bytes] of inside(other, folder)) if (fits(tree, path)) tree.set(path, bytes)
  }
}

type Model = { trees: Tree[]; parents: number[][]; commits: Commit[] }

function build(all: Drawn[]): Model {
  const model: Model = { trees: [], parents: [], commits: [] }
  for (const [id, { parents, merge, root, steps }] of all.entries()) {
    const first = id - 1 - Math.min(parents[0], id - 1)
    const second = Math.max(0, id - 1 - parents[1])
    const mine = id === 0 || root ? [] : merge && second !== first ? [first, second] : [first]
    const before = model.trees[mine[0] ?? -1] ?? new Map()
    const tree: Tree = new Map(before)
    for (const one of steps) step(tree, model.trees[mine[1] ?? -1], one, id)
    const changes: Change[] = [...before.keys()].filter(path => !tree.has(path)).map(path => ({ delete: path }))
    for (const [path, bytes] of tree) if (before.get(path) !== bytes) changes.push({ write: path, bytes })
    model.trees.push(tree)
    model.parents.push(mine)
    model.commits.push({ name: `${id}`, message: `${id}`, parents: mine.map(String), changes })
  }
  return model
}

/** The skills of a tree: by folder, its files as one comparable text. */
function skillsOf(tree: Tree): Map<string, string> {
  const skills = new Map<string, string>()
  for (const [folder, paths] of outermostSkills([...tree.keys()])) {
    const files = paths.map(path => [folder === '' ? path : path.slice(folder.length + 1), tree.get(path)])
    skills.set(folder, JSON.stringify(files.sort()))
  }
  return skills
}

function ancestorsOf(model: Model, id: number): Set<number> {
  const seen = new Set<number>()
  const waiting = [id]
  for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
    if (seen.has(next)) continue
    seen.add(next)
    waiting.push(...(model.parents[next] ?? []))
  }
  return seen
}

async function check(all: Drawn[]): Promise<void> {
  const model = build(all)
  const folder = mkdtempSync(join(tmpdir(), 'chains-'))
  const sink = new RecordingSink()
  try {
    initRepository(folder)
    await writeCommits(folder, model.commits)
    expect(await readGit(folder, sink, { signal: new AbortController().signal })).toMatchObject({ ok: true })
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
  const skills = model.trees.map(skillsOf)
  const newest = model.trees.length - 1
  const found = sink.skills.flatMap(skill =>
    skill.versions.map(version => ({
      skill,
      version,
      commit: Number(version.message),
      files: JSON.stringify(Object.entries(sink.files(version)).sort()),
    })),
  )
  // Each version is what a skill's folder held at its commit; a commit makes at most one version of a skill.
  for (const one of found) expect([...(skills[one.commit]?.values() ?? [])]).toContain(one.files)
  expect(new Set(found.map(one => `${one.skill.origin} ${one.commit}`)).size).toBe(found.length)
  // Whatever any commit had is some version from that commit or before.
  for (const id of ancestorsOf(model, newest)) {
    const before = ancestorsOf(model, id)
    for (const files of skills[id]?.values() ?? [])
      expect(found.some(one => one.files === files && before.has(one.commit))).toBe(true)
  }
  // What lives is what the newest commit has, and its last version is what it has there.
  const living = sink.skills.filter(skill => !skill.deleted)
  expect(living.map(skill => skill.path).sort()).toEqual([...(skills[newest]?.keys() ?? [])].sort())
  for (const skill of living) {
    const last = found.findLast(one => one.skill === skill)
    expect(last?.files).toBe(skills[newest]?.get(skill.path))
  }
  // Parents are versions of earlier commits of the same line.
  for (const { skill, version, commit } of found)
    for (const parent of version.parents) {
      const parentCommit = Number(skill.versions[parent]?.message)
      expect(parentCommit).not.toBe(commit)
      expect(ancestorsOf(model, commit)).toContain(parentCommit)
    }
  expect(new Set(sink.skills.map(skill => skill.origin)).size).toBe(sink.skills.length)
}

/** CHAIN_RUNS=2000 looks harder; a failure is then shrunk for two minutes at most. */
test.skipIf(gitMissing)('any history (skipped where git is missing)', { timeout: 600_000 }, async () => {
  const numRuns = Number(process.env.CHAIN_RUNS ?? 15)
  await fc.assert(fc.asyncProperty(drawn, check), { numRuns, interruptAfterTimeLimit: 120_000 + numRuns * 200 })
})
