import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { anyCase, withoutKeys } from '../../test/support/any-case.ts'
import { projectDir, temporaryFolder } from '../../test/support/backend.ts'
import { readEvals, writeEvals } from './skill-creator-cases.ts'
import { treeOfBytes, treeOfPath } from './source-tree.ts'

const read = (value: unknown) => {
  const opened = treeOfBytes('evals.json', Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))
  if (!opened.ok) throw new Error(opened.message)
  return readEvals(opened.tree, 'evals.json')
}
const reading = (value: unknown) => {
  const result = read(value)
  if (!result.ok) throw new Error(result.message)
  return result
}

describe('evals.json', () => {
  test('what is exported and imported again is the same', () => {
    fc.assert(
      fc.property(fc.array(anyCase, { maxLength: 6 }), cases => {
        const back = reading(writeEvals('some-skill', cases))
        expect(withoutKeys(back.cases)).toEqual(withoutKeys(cases.map(one => ({ ...one, files: [] }))))
        expect(back.remarks).toEqual([])
      }),
    )
  })

  test('what somebody edited in the file goes before what was kept beside it', () => {
    const text = writeEvals('s', [
      {
        key: null,
        name: 'n',
        prompt: 'p',
        expectedOutput: null,
        assertions: [
          { type: 'contains', value: 'a' },
          { type: 'regex', value: 'b+' },
        ],
        files: [],
        tags: [],
        weight: 1,
      },
    ])
    const edited = text.replace('contains “a”', 'says a in the end')
    expect(reading(edited).cases[0]?.assertions).toEqual([
      { type: 'rubric', value: 'says a in the end' },
      { type: 'regex', value: 'b+' },
    ])
  })

  test('forms that authors write: assertions as sentences and as objects, files with their text', () => {
    const { cases, remarks } = reading({
      skill_name: 's',
      grader: 'x',
      evals: [
        {
          id: 3,
          slug: 'fresh-start',
          prompt: 'p',
          files: ['../outside.txt', 'evals/a.txt', { path: 'b.txt', content: 'hi' }, 7],
          assertions: ['one', { name: 'two', description: 'the second' }, { weight: 2 }],
          hints: [],
        },
        { id: 4 },
        'nothing',
      ],
    })
    expect(cases).toMatchObject([
      {
        key: '3',
        name: 'fresh-start',
        assertions: [{ value: 'one' }, { value: 'the second' }],
        files: [
          { path: 'evals/a.txt', bytes: undefined },
          { path: 'b.txt', bytes: Buffer.from('hi') },
          { path: '7', bytes: undefined },
        ],
      },
    ])
    expect(remarks.map(remark => remark.path)).toEqual([
      'evals.json: grader',
      'evals.json: evals[0].hints',
      'evals.json: evals[0].assertions[2]',
      'evals.json: evals[0].files[0]',
      'evals.json: evals[0].files[1]',
      'evals.json: evals[0].files[3]',
      'evals.json: evals[1]',
      'evals.json: evals[2]',
    ])
  })

  test('files beside it come along, and none by way of a link out of the folder', () => {
    const folder = temporaryFolder()
    const skill = path.join(folder, 'skill')
    fs.mkdirSync(path.join(skill, 'evals', 'repo'), { recursive: true })
    fs.writeFileSync(path.join(folder, 'secret'), 'secret')
    fs.symlinkSync('../../secret', path.join(skill, 'evals', 'link'))
    fs.writeFileSync(path.join(skill, 'evals', 'repo', 'a.txt'), 'a')
    const evals = { evals: [{ id: 1, prompt: 'p', files: ['evals/repo/a.txt', 'evals/link'] }] }
    fs.writeFileSync(path.join(skill, 'evals', 'evals.json'), JSON.stringify(evals))
    const opened = treeOfPath(path.join(skill, 'evals', 'evals.json'))
    const result = opened.ok && opened.tree.main ? readEvals(opened.tree, opened.tree.main) : undefined
    expect(result).toMatchObject({
      cases: [
        {
          files: [
            { path: 'evals/repo/a.txt', bytes: Buffer.from('a') },
            { path: 'evals/link', bytes: undefined },
          ],
        },
      ],
    })
    fs.rmSync(folder, { recursive: true })
  })

  test.each([
    ['not JSON', '{"evals": [', 'not valid JSON'],
    ['no evals', '{"cases": []}', 'no list of evals'],
    ['nested without end', '{"evals":'.concat('['.repeat(5_000), ']'.repeat(5_000), '}'), 'levels deep'],
    ['an object with hostile keys', '{"__proto__": {"evals": []}}', 'no list of evals'],
  ])('%s is refused in words', (_, text, message) => {
    expect(read(text)).toMatchObject({ ok: false, message: expect.stringContaining(message) })
  })

  test('bytes that are not UTF-8 are refused in words', () => {
    const opened = treeOfBytes('evals.json', Buffer.from([0x7b, 0xff, 0x7d]))
    expect(opened.ok && readEvals(opened.tree, 'evals.json')).toMatchObject({
      message: expect.stringContaining('UTF-8'),
    })
  })

  const shared = path.resolve(projectDir, '..', 'shared', 'data', 'benchmarks', 'confluent-evals.tar.gz')
  test.skipIf(!fs.existsSync(shared))('fourteen public evals.json files (skipped without the shared data)', () => {
    const opened = treeOfBytes('confluent-evals.tar.gz', fs.readFileSync(shared))
    if (!opened.ok) throw new Error(opened.message)
    const files = opened.tree.paths.filter(one => one.endsWith('/evals.json'))
    expect(files).toHaveLength(
      Number(execFileSync('sh', ['-c', `tar tzf '${shared}' | grep -c '/evals.json$'`], { encoding: 'utf8' })),
    )
    let cases = 0
    const told: string[] = []
    for (const file of files) {
      const result = readEvals(opened.tree, file)
      if (!result.ok) throw new Error(result.message)
      cases += result.cases.length
      for (const one of result.cases) expect(one.assertions.length, `${file} ${one.key}`).toBeGreaterThan(0)
      told.push(
        ...result.remarks.map(({ message }) => message).filter(message => !message.includes('did not come along')),
      )
    }
    // A check of a file's text by a pattern, which its author's own script does.
    expect(told).toEqual(['Taken as a demand in words; not understood of it: type, path, pattern.'])
    expect(cases).toBe(144)
  })
})
