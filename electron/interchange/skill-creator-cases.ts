import { type Assertion, sayAssertion } from '../../shared/domain/benchmark/assertion.ts'
import { layOut } from './case-files.ts'
import { type CasesRead, type ImportedCase, type ImportedFile, Remarks } from './case-forms.ts'
import { KEPT, keptOf, readKept, readTagsAndWeight, writeKept } from './kept-assertions.ts'
import { isRecord, listOf, member, readJson, textOf } from './parse-text.ts'
import { isPlain, type SourceTree } from './source-tree.ts'

/**
 * skill-creator's `evals.json`: `{skill_name, evals: [{id, prompt, expected_output, files, expectations}]}`, where some
 * authors write `assertions`, as sentences or as {name, description}. Each expectation is a demand for a judge.
 */
export function readEvals(tree: SourceTree, path: string): CasesRead {
  const parsed = readJson(tree, path)
  if (!parsed.ok) return parsed
  const evals = Array.isArray(parsed.value) ? parsed.value : member(parsed.value, 'evals')
  if (!Array.isArray(evals)) return { ok: false, message: `“${path}” has no list of evals.` }
  const remarks = new Remarks()
  for (const key of isRecord(parsed.value) ? Object.keys(parsed.value) : [])
    if (key !== 'evals' && key !== 'skill_name') remarks.add(`${path}: ${key}`, 'Not understood, so not taken.')
  const cases = evals.flatMap((one, at) => readEval(tree, one, `${path}: evals[${at}]`, at, remarks) ?? [])
  return { ok: true, form: 'skill-creator', file: path, cases, remarks: remarks.list }
}

const KNOWN = [
  'id',
  'eval_name',
  'name',
  'slug',
  'prompt',
  'expected_output',
  'files',
  'expectations',
  'assertions',
  KEPT,
]

function readEval(
  tree: SourceTree,
  one: unknown,
  where: string,
  at: number,
  remarks: Remarks,
): ImportedCase | undefined {
  if (!isRecord(one)) {
    remarks.add(where, 'Not an eval, so not taken.')
    return undefined
  }
  const prompt = textOf(one.prompt)
  if (prompt === undefined || prompt === '') {
    remarks.add(where, 'It has no prompt, so it was left out.')
    return undefined
  }
  for (const key of Object.keys(one))
    if (!KNOWN.includes(key)) remarks.add(`${where}.${key}`, 'Not understood, so not taken.')
  const kept = one[KEPT]
  const key = textOf(one.id) ?? null
  const name = textOf(member(kept, 'name')) ?? textOf(one.eval_name) ?? textOf(one.name) ?? textOf(one.slug)
  const demands = [
    ...listOf(one.expectations).map((said, n) => ({ said, where: `${where}.expectations[${n}]` })),
    ...listOf(one.assertions).map((said, n) => ({ said, where: `${where}.assertions[${n}]` })),
  ]
  return {
    key,
    name: name?.trim() || nameFrom(prompt, key ?? String(at + 1)),
    prompt,
    expectedOutput: textOf(one.expected_output) || null,
    assertions: demands.flatMap(({ said, where }, n) => readDemand(said, n, kept, where, remarks) ?? []),
    files: listOf(one.files)
      .flatMap((file, n) => readFile(tree, file, `${where}.files[${n}]`, remarks))
      .map(file => ({ ...file, path: textOf(member(member(kept, 'files'), file.path)) ?? file.path })),
    ...readTagsAndWeight(kept),
  }
}

/** The first words of a prompt, for cases that have no name. */
export function nameFrom(prompt: string, key: string): string {
  const words = prompt.replace(/\s+/g, ' ').trim()
  const short = [...words].slice(0, 60).join('')
  return short === '' ? `Eval ${key}` : `${key}: ${short}${short.length < words.length ? '…' : ''}`
}

/** What a demand in words has. */
const WORDED = ['id', 'name', 'description', 'text']

function readDemand(said: unknown, at: number, kept: unknown, where: string, remarks: Remarks): Assertion | undefined {
  if (typeof said === 'string') {
    const exact = readKept(kept, at, said, sayAssertion)
    if (exact) return exact
    return said.trim() === '' ? undefined : { type: 'rubric', value: said }
  }
  const words = textOf(member(said, 'description')) ?? textOf(member(said, 'text')) ?? textOf(member(said, 'name'))
  if (words !== undefined && words.trim() !== '') {
    const others = isRecord(said) ? Object.keys(said).filter(key => !WORDED.includes(key)) : []
    if (others.length > 0) remarks.add(where, `Taken as a demand in words; not understood of it: ${others.join(', ')}.`)
    return { type: 'rubric', value: words }
  }
  remarks.add(where, 'Not a demand in words, so not taken.')
  return undefined
}

/** A name relative to the skill's folder, or a file's own text. */
function readFile(tree: SourceTree, file: unknown, where: string, remarks: Remarks): ImportedFile[] {
  const path = (textOf(file) ?? textOf(member(file, 'path')) ?? textOf(member(file, 'name')) ?? '').replace(
    /^(\.\/)+/,
    '',
  )
  const content = textOf(member(file, 'content'))
  const inner = path.replace(/\/+$/, '')
  if (inner === '' || !isPlain(inner)) {
    remarks.add(where, path === '' ? 'Not a file, so not taken.' : `“${path}” points outside, so it was not taken.`)
    return []
  }
  if (content !== undefined) return [{ path: inner, bytes: Buffer.from(content, 'utf8') }]
  const found = tree.read(inner) ?? tree.read(`${skillFolder(tree)}${inner}`)
  if (found) return [{ path: inner, bytes: found }]
  const below = tree.paths.filter(one => one.startsWith(`${skillFolder(tree)}${inner}/`))
  if (below.length > 0) return below.map(one => ({ path: one.slice(skillFolder(tree).length), bytes: tree.read(one) }))
  remarks.add(where, `“${inner}” did not come along; its name was kept.`)
  return [{ path: inner, bytes: undefined }]
}

/** In an archive, evals.json may lie anywhere: `pdf-forms/evals/evals.json` belongs to `pdf-forms/`. */
function skillFolder(tree: SourceTree): string {
  const at = tree.paths.find(path => /(^|\/)evals\/evals\.json$/.test(path))
  return at === undefined ? '' : at.slice(0, -'evals/evals.json'.length)
}

/** The same form, two spaces deep. Ids are kept where the case came with one that is a number. */
export function writeEvals(skillName: string, cases: readonly ImportedCase[]): string {
  const ids = new Set(cases.flatMap(one => numericId(one) ?? []))
  let next = 1
  const laidOut = layOut(cases)
  const evals = cases.map((one, n) => {
    while (ids.has(next)) next += 1
    const id = numericId(one) ?? next++
    const { written, kept } = writeKept(one.assertions, sayAssertion, said =>
      said.trim() === '' ? undefined : { type: 'rubric', value: said },
    )
    const usual = one.name === nameFrom(one.prompt, String(id))
    const files = laidOut[n] ?? []
    const moved = files.filter(file => file.path !== file.at).map(file => [file.at, file.path])
    const own = {
      ...(!usual && { name: one.name }),
      ...(moved.length > 0 && { files: Object.fromEntries(moved) }),
    }
    const beside = keptOf(one, own, kept)
    return {
      id,
      prompt: one.prompt,
      expected_output: one.expectedOutput ?? '',
      files: files.map(file => file.at),
      expectations: written,
      ...(beside && { [KEPT]: beside }),
    }
  })
  return `${JSON.stringify({ skill_name: skillName, evals }, null, 2)}\n`
}

const numericId = (one: ImportedCase): number | undefined =>
  one.key !== null && /^(0|[1-9]\d{0,8})$/.test(one.key) ? Number(one.key) : undefined
