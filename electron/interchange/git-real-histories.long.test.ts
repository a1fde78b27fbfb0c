import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { gitMissing, initRepository, writeHistories } from '../../test/support/git-repository.ts'
import {
  generateSkillHistories,
  historiesMissing,
  KNOWN_HISTORIES,
  readSkillHistories,
  type SkillHistory,
} from '../../test/support/skill-histories.ts'
import { readGit } from './git-history.ts'
import { RecordingSink } from './recording-sink.ts'

/** Whole histories, rebuilt as repositories: every version comes back, in order, byte for byte. */

let folder = ''
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'histories-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

async function rebuildAndRead(histories: readonly SkillHistory[]): Promise<void> {
  initRepository(folder)
  await writeHistories(folder, histories, { name: 'A. Author', email: 'author@example.com' })
  const sink = new RecordingSink()
  const versions = histories.reduce((sum, history) => sum + history.versions.length, 0)
  const result = await readGit(folder, sink, { signal: new AbortController().signal })
  expect(result).toEqual({ ok: true, skills: histories.length, versions })
  const byPath = new Map(sink.skills.map(skill => [skill.path, skill]))
  for (const { path, versions } of histories) {
    const skill = byPath.get(path.slice(0, path.lastIndexOf('/')))
    const found = skill?.versions.map(version => ({
      at: version.createdAt,
      message: version.message,
      parents: version.parents,
      author: version.author,
      content: sink.files(version)['SKILL.md'],
      files: version.manifest.length,
    }))
    const expected = versions.map((version, index) => ({
      at: Date.parse(version.date),
      message: version.message,
      parents: index === 0 ? [] : [index - 1],
      author: { name: 'A. Author', email: 'author@example.com' },
      content: version.content,
      files: 1,
    }))
    expect(found).toEqual(expected)
  }
}

describe.skipIf(gitMissing)(`real histories (skipped where git is missing: ${gitMissing ?? 'it is here'})`, () => {
  test('of our own making', () => rebuildAndRead(generateSkillHistories({ chains: 80, versions: 6, seed: 7 })))

  for (const name of ['claude-plugins', 'agents'] as const) {
    const missing = historiesMissing(name)
    test.skipIf(missing)(`${name} (${missing ?? 'here'})`, { timeout: 180_000 }, async () => {
      const histories = readSkillHistories(name) ?? []
      expect(histories).toHaveLength(KNOWN_HISTORIES[name].chains)
      expect(histories.flatMap(history => history.versions)).toHaveLength(KNOWN_HISTORIES[name].versions)
      await rebuildAndRead(histories)
    })
  }
})
