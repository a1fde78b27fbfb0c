/** Real files: every version in the shared histories. They lie outside the repository, so a checkout elsewhere skips this. */
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gunzipSync } from 'node:zlib'
import { describe, expect, test } from 'vitest'
import { type Profile, parseSkillMd, type SkillMd, setField, validateSkill } from './skill-md.ts'
import { estimateTokens } from './text.ts'
import { countTokens } from './tokens.ts'

type Chain = { path: string; versions: { content: string }[] }

const folder = join(import.meta.dirname, '../../../shared/data/skill-histories')
const names = existsSync(folder) ? readdirSync(folder).filter(name => name.endsWith('.jsonl.gz')) : []
const chains = names.flatMap(readChains)
const texts = chains.flatMap(chain => chain.versions.map(version => version.content))
const newest = chains.map(chain => chain.versions.at(-1)?.content ?? '')

function readChains(name: string): Chain[] {
  const lines = gunzipSync(readFileSync(join(folder, name)))
    .toString('utf8')
    .trim()
    .split('\n')
  return lines.map((line): Chain => JSON.parse(line))
}

const skipped = names.length === 0 ? ' (skipped: ../shared/data/skill-histories is not on this machine)' : ''

describe.skipIf(names.length === 0)(`every version of real skills${skipped}`, () => {
  test('there are thousands', () => {
    expect(texts.length).toBeGreaterThan(4_000)
  })

  test('is read, and its parts make the text again', () => {
    for (const text of texts) {
      const { frontmatter, body, bodyFrom } = parseSkillMd(text)
      const parts = frontmatter
        ? text.slice(0, frontmatter.from) + frontmatter.text + text.slice(frontmatter.to, bodyFrom) + body
        : text.slice(0, bodyFrom) + body
      expect(parts).toBe(text)
    }
  })

  test('has a name and a description, even those whose YAML is broken', () => {
    const without = texts.map(parseSkillMd).filter(skill => !skill.missing && skill.description === undefined)
    expect(without.length).toBeLessThan(texts.length / 100)
  })

  const values = { description: 'It\'s "new": #1\n', license: 'MIT', 'metadata.version': '1.0', name: 'x' }

  test.each(Object.entries(values))('takes %s, and nothing else changes', (key, value) => {
    // Every version for the field that is edited most, the newest of each skill for the others.
    for (const text of key === 'description' ? texts : newest) {
      const before = parseSkillMd(text)
      if (before.yamlError) continue
      const edited = setField(text, key, value)
      const after = parseSkillMd(edited)
      const entries = key.startsWith('metadata.') ? after.metadata : after.fields
      expect(entries.find(entry => entry.key === key.replace('metadata.', ''))?.value).toBe(value)
      expect(others(after, key)).toEqual(others(before, key))
      expect(after.body.endsWith(before.body)).toBe(true)
      expect(changedBytes(text, edited)).toBeLessThanOrEqual(longest(before, key))
    }
  })

  test('broken YAML is mended where the check says so', () => {
    const broken = texts.filter(text => parseSkillMd(text).yamlError)
    const mended = broken.filter(text => !parseSkillMd(withFixes(text)).yamlError)
    expect(broken.length).toBeGreaterThan(100)
    expect(mended.length).toBeGreaterThan(broken.length * 0.9)
  })

  test('the newest ones: how many fail each profile', () => {
    const failing = (profile: Profile) =>
      chains.filter(({ path, versions }) =>
        validateSkill({ text: versions.at(-1)?.content ?? '', folderName: path.split('/').at(-2) }, profile).some(
          check => check.severity === 'error',
        ),
      ).length
    expect(chains.length).toBe(668)
    expect({ strict: failing('strict'), reference: failing('reference'), claudeCode: failing('claude-code') }).toEqual({
      strict: 499,
      reference: 499,
      claudeCode: 5,
    })
  })

  test('the estimate of tokens is within 6% for nine in ten, and never a fifth off', () => {
    const off = newest.map(text => Math.abs(estimateTokens(text) / countTokens(text) - 1))
    expect(off.filter(error => error > 0.06).length).toBeLessThan(off.length / 10)
    expect(Math.max(...off)).toBeLessThan(0.2)
  })
})

/** One fix may bring the next error to light. */
function withFixes(text: string, left = 5): string {
  const fix = validateSkill({ text }, 'strict').find(check => check.code === 'YAML_INVALID')?.fix
  return fix && left > 0 ? withFixes(setField(text, fix.key, fix.value), left - 1) : text
}

const others = (skill: SkillMd, key: string) => [
  ...skill.fields
    .filter(field => field.key !== key && field.key !== 'metadata')
    .map(field => [field.key, field.source]),
  ...skill.metadata.filter(field => `metadata.${field.key}` !== key).map(field => [field.key, field.source]),
]

/** Of the first text, how many characters lie between what both texts start and end with. */
function changedBytes(before: string, after: string): number {
  const most = Math.min(before.length, after.length)
  let start = 0
  while (start < most && before[start] === after[start]) start++
  let end = 0
  while (end < most - start && before.at(-1 - end) === after.at(-1 - end)) end++
  return before.length - start - end
}

/** No edit may touch more than the field as it was. */
function longest(skill: SkillMd, key: string): number {
  const entries = key.startsWith('metadata.') ? skill.metadata : skill.fields
  const field = entries.find(entry => entry.key === key.replace('metadata.', ''))
  return field ? field.to - field.keyTo : 0
}
