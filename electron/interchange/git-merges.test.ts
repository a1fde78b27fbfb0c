import { describe, expect, test } from 'vitest'
import { type Commit, gitMissing } from '../../test/support/git-repository.ts'
import { commit, drawing, HistoryInTest, merge, remove, text, write } from '../../test/support/history-in-test.ts'

/** What forks and merges become. The straight cases are in git-history.long.test.ts. */

const history = new HistoryInTest()
const read = (...commits: Commit[]) => history.read(...commits)

describe.skipIf(gitMissing)('forks and merges', () => {
  const base = commit('base', write('a/SKILL.md', text('a')), write('a/one', '1'), write('a/two', '2'))

  test('a merge of two changes is a version with two parents', async () => {
    const [skill] = await read(
      base,
      { ...commit('left', write('a/one', 'left')), parents: ['base'] },
      { ...commit('right', write('a/two', 'right')), parents: ['base'] },
      merge('merge', ['left', 'right'], write('a/two', 'right')),
      commit('after', write('a/one', 'after')),
    )
    const lines = skill && drawing(skill).map(line => line.split(':')[0])
    const [left, right] = [lines?.indexOf('left<0') ?? -1, lines?.indexOf('right<0') ?? -1]
    expect([left, right].sort()).toEqual([1, 2])
    expect(lines?.slice(3)).toEqual([`merge<${left},${right}`, 'after<3'])
    expect(history.sink.files(skill?.versions[3])).toMatchObject({ one: 'left', two: 'right' })
  })

  test('a merge that takes one side is that side’s version', async () => {
    const [skill] = await read(
      base,
      { ...commit('left', write('a/one', 'left')), parents: ['base'] },
      { ...commit('right', write('a/one', 'right')), parents: ['base'] },
      merge('take right', ['left', 'right'], write('a/one', 'right')),
      commit('after', write('a/one', 'after')),
    )
    const lines = skill && drawing(skill).map(line => line.split(':')[0])
    expect(lines).toHaveLength(4)
    expect(lines?.at(-1)).toBe(`after<${lines?.indexOf('right<0')}`)
  })

  test('the newest commit’s version is the last, whatever order git tells the sides in', async () => {
    for (const [first, second] of [
      ['left', 'right'],
      ['right', 'left'],
    ] as const) {
      const [skill] = await read(
        base,
        { ...commit('left', write('a/one', 'left')), parents: ['base'] },
        { ...commit('right', write('a/one', 'right')), parents: ['base'] },
        merge('take the first', [first, second], write('a/one', first)),
      )
      expect(skill?.versions.map(version => version.message)).toEqual(['base', second, first])
    }
  })

  test('a merge that undoes a newer version is a version of its own', async () => {
    const [skill] = await read(
      base,
      { ...commit('branch', write('a/one', 'branch')), parents: ['base'] },
      { ...commit('main', write('README.md', 'x')), parents: ['base'] },
      merge('ours', ['main', 'branch']),
    )
    expect(skill && drawing(skill).map(line => line.split(':')[0])).toEqual(['base<', 'branch<0', 'ours<1'])
    expect(history.sink.files(skill?.versions[2]).one).toBe('1')
  })

  test('a branch that left the skill alone adds neither version nor parent', async () => {
    const [skill] = await read(
      base,
      { ...commit('main', write('a/one', 'main')), parents: ['base'] },
      { ...commit('branch', write('README.md', 'x')), parents: ['base'] },
      merge('merge', ['main', 'branch'], write('README.md', 'x'), write('a/two', 'changed in the merge')),
    )
    expect(skill && drawing(skill).map(line => line.split(':')[0])).toEqual(['base<', 'main<0', 'merge<1'])
  })

  test('a skill that a branch brought keeps its history there', async () => {
    const skills = await read(
      commit('base', write('README.md', 'x')),
      { ...commit('branch', write('n/SKILL.md', text('n'))), parents: ['base'] },
      commit('branch 2', write('n/SKILL.md', text('n', 'More.'))),
      { ...commit('main', write('README.md', 'y')), parents: ['base'] },
      merge('merge', ['main', 'branch 2'], write('n/SKILL.md', text('n', 'More.'))),
      commit('after', write('n/SKILL.md', text('n', 'Even more.'))),
    )
    expect(skills).toHaveLength(1)
    expect(drawing(history.sink.at('n')).map(line => line.split(':')[0])).toEqual(['branch<', 'branch 2<0', 'after<1'])
  })

  test('renamed on one side and edited on the other', async () => {
    for (const first of ['renamed', 'edited']) {
      const sides = first === 'renamed' ? ['renamed', 'edited'] : ['edited', 'renamed']
      const edited = text('a', 'Edited over there.')
      const [skill, ...others] = await read(
        commit('base', write('a/SKILL.md', text('a'))),
        { ...commit('renamed', { rename: 'a', to: 'b' }, write('b/x', 'x')), parents: ['base'] },
        { ...commit('edited', write('a/SKILL.md', edited)), parents: ['base'] },
        first === 'renamed'
          ? merge('merge', sides, write('b/SKILL.md', edited))
          : merge('merge', sides, { rename: 'a', to: 'b' }, write('b/x', 'x')),
      )
      expect(others, first).toEqual([])
      expect(skill, first).toMatchObject({ path: 'b', deleted: false })
      const lines = skill && drawing(skill).map(line => line.split(':')[0])
      const [one, two] = sides.map(side => lines?.indexOf(`${side}<0`))
      expect(lines?.[3], first).toBe(`merge<${one},${two}`)
    }
  })

  test('the same skill added on both sides is one skill with two beginnings', async () => {
    const skills = await read(
      commit('base', write('README.md', 'x')),
      { ...commit('left', write('a/SKILL.md', text('a', 'Left.'))), parents: ['base'] },
      { ...commit('right', write('a/SKILL.md', text('a', 'Right.'))), parents: ['base'] },
      merge('merge', ['left', 'right'], write('a/SKILL.md', text('a', 'Both.'))),
    )
    expect(skills).toHaveLength(1)
    const lines = drawing(history.sink.at('a')).map(line => line.split(':')[0])
    expect(lines?.slice(0, 2).sort()).toEqual(['left<', 'right<'])
    expect(lines?.[2]).toBe(`merge<${lines?.indexOf('left<')},${lines?.indexOf('right<')}`)
  })

  test('deleted on one side, edited on the other, kept by the merge', async () => {
    const [skill, ...others] = await read(
      base,
      { ...commit('gone', remove('a/SKILL.md'), remove('a/one'), remove('a/two')), parents: ['base'] },
      { ...commit('edited', write('a/one', 'edited')), parents: ['base'] },
      merge('kept', ['gone', 'edited'], write('a/SKILL.md', text('a')), write('a/one', 'edited'), write('a/two', '2')),
      commit('after', write('a/one', 'after')),
    )
    expect(others).toEqual([])
    expect(skill?.deleted).toBe(false)
    expect(skill && drawing(skill).map(line => line.split(':')[0])).toEqual(['base<', 'edited<0', 'after<1'])
  })

  test('a merge of three has the first two as parents; unrelated histories may join', async () => {
    await read(
      base,
      { ...commit('l', write('a/one', 'l')), parents: ['base'] },
      { ...commit('m', write('a/two', 'm')), parents: ['base'] },
      { ...commit('r', write('a/three', 'r')), parents: ['base'] },
      merge('octopus', ['l', 'm', 'r'], write('a/two', 'm'), write('a/three', 'r')),
      { ...commit('other root', write('z/SKILL.md', text('z'))), parents: [] },
      merge('join', ['octopus', 'other root'], write('z/SKILL.md', text('z'))),
    )
    expect(history.sink.at('a').versions[4]?.parents).toHaveLength(2)
    expect(drawing(history.sink.at('z'))).toEqual(['other root<: SKILL.md'])
    expect(history.sink.at('z').origin).not.toBe(history.sink.at('a').origin.replace(/a$/, 'z'))
  })

  test('a long zigzag of branches leaves every version right', async () => {
    const commits: Commit[] = [commit('0', ...[0, 1, 2, 3].map(at => write(`s${at}/SKILL.md`, text(`s${at}`))))]
    for (let at = 1; at < 60; at++) {
      const changes = [write(`s${at % 4}/f`, `${at}`)]
      const earlier = `${Math.max(0, at - 1 - (at % 5))}`
      commits.push({
        name: `${at}`,
        message: `${at}`,
        parents: at % 3 === 0 ? [`${at - 1}`, earlier] : [earlier],
        changes,
      })
    }
    // `main` ends at the last commit; what is not its ancestor is not read.
    const skills = await read(...commits)
    for (const skill of skills)
      for (const version of skill.versions)
        if (version.message !== '0') expect(history.sink.files(version).f).toBe(version.message)
  })
})
