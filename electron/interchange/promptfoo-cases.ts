import { Document, Scalar, visit } from 'yaml'
import type { Assertion } from '../../shared/domain/benchmark/assertion.ts'
import { keepFiles, layOut } from './case-files.ts'
import { type CasesRead, type ImportedCase, Remarks } from './case-forms.ts'
import { KEPT, keptOf, readKept, readTagsAndWeight, writeKept } from './kept-assertions.ts'
import { isRecord, listOf, member, textOf } from './parse-text.ts'
import { type PromptfooAssertion, readPromptfooAssertion, writePromptfooAssertion } from './promptfoo-assertions.ts'
import { type Loaded, Loader, type Prompt, type Test } from './promptfoo-config.ts'
import { fillTemplate, raw, rawValue, unraw } from './promptfoo-template.ts'
import type { SourceTree } from './source-tree.ts'

/** A configuration that multiplies to more is a mistake, or an attack. */
const MOST_CASES = 2_000

/**
 * promptfoo's configuration: each prompt × each test × each combination of listed variables is a case, with its text filled
 * in. Scripts are never run; what is not understood is listed with its path.
 */
export function readPromptfoo(tree: SourceTree, path: string): CasesRead {
  const remarks = new Remarks()
  const loader = new Loader(tree, path, remarks)
  const config = loader.config()
  if (!config.ok) return config
  const cases: ImportedCase[] = []
  for (const test of config.tests) {
    const variants = combine(test.vars)
    if (variants === undefined || cases.length + variants.length * config.prompts.length > MOST_CASES)
      return { ok: false, message: `“${path}” comes to more than ${MOST_CASES} cases.` }
    for (const prompt of config.prompts)
      for (const vars of variants) cases.push(...caseOf(loader, config, prompt, test, vars))
  }
  return { ok: true, form: 'promptfoo', file: path, cases, remarks: remarks.list }
}

type Vars = Map<string, unknown>

/** Every combination of those variables that are lists; undefined where there are too many. */
function combine(vars: Vars): Vars[] | undefined {
  let all: Vars[] = [new Map()]
  for (const [name, value] of vars) {
    const values = Array.isArray(value) ? value : [value]
    if (all.length * values.length > MOST_CASES) return undefined
    all = all.flatMap(one => values.map(each => new Map(one).set(name, each)))
  }
  return all
}

function caseOf(loader: Loader, config: Loaded, prompt: Prompt, test: Test, vars: Vars): ImportedCase[] {
  const { remarks } = loader
  const kept = member(test.metadata, KEPT)
  // What was exported here is taken literally: its braces are the author's own.
  const literal = isRecord(kept)
  const fill = (text: string, where: string): string => {
    if (literal) return unraw(text)
    const filled = fillTemplate(text, vars)
    for (const left of filled.left) remarks.add(where, `“${left}” is not filled in here and was left as it is.`)
    return filled.text
  }
  const text = literal ? unraw(textOf(vars.get('prompt')) ?? '') : fill(prompt.text, prompt.where)
  if (text === '') {
    remarks.add(test.where, 'Its prompt is empty, so it was left out.')
    return []
  }
  const varying = [...vars].flatMap(([name, value]) => (Array.isArray(test.vars.get(name)) ? [sayValue(value)] : []))
  const shown = varying.length > 0 ? ` (${varying.join(', ')})` : ''
  const labelled = config.prompts.length > 1 ? ` · ${prompt.label}` : ''
  const base = test.description ?? `Test ${test.number}`
  const name = literal ? (textOf(member(kept, 'name')) ?? base) : `${base}${shown}${labelled}`
  const said = [...listOf(config.defaultAssert), ...test.assert]
  return [
    {
      key: literal ? (textOf(member(kept, 'key')) ?? null) : name,
      name: name.slice(0, 500).trim() || `Test ${test.number}`,
      prompt: text,
      expectedOutput: textOf(member(kept, 'expected')) || null,
      assertions: said.flatMap((one, at) => {
        const fromDefault = at < listOf(config.defaultAssert).length
        const where = fromDefault
          ? `${loader.path}: defaultTest.assert[${at}]`
          : `${test.where}.assert[${at - listOf(config.defaultAssert).length}]`
        return readOne(loader, one, at, kept, where, fill)
      }),
      files: literal ? loader.files(member(kept, 'files'), test.where) : [],
      ...readTagsAndWeight(kept),
    },
  ]
}

const sayValue = (value: unknown): string => textOf(value) ?? JSON.stringify(value) ?? ''

function readOne(
  loader: Loader,
  said: unknown,
  at: number,
  kept: unknown,
  where: string,
  fill: (text: string, where: string) => string,
): Assertion[] {
  const exact = readKept(kept, at, said, writeRaw)
  if (exact) return [exact]
  const reading = { render: (text: string) => fill(text, where), load: (path: string) => loader.text(path) }
  const read = readPromptfooAssertion(loader.resolve(said), reading)
  if (read.remark !== undefined) loader.remarks.add(where, read.remark)
  return 'assertion' in read ? [read.assertion] : []
}

/** promptfoo fills variables into values too, so braces of the author's own are marked as text. */
function writeRaw(one: Assertion): PromptfooAssertion {
  const written = writePromptfooAssertion(one)
  if (one.type === 'unsupported') return written
  const { value } = written
  if (typeof value === 'string') return { ...written, value: raw(value) }
  return Array.isArray(value)
    ? { ...written, value: value.map(each => (typeof each === 'string' ? raw(each) : each)) }
    : written
}

/** A configuration that promptfoo runs as it is, with its `echo` provider until another one is named. */
export function writePromptfoo(skillName: string, cases: readonly ImportedCase[]): string {
  const laidOut = layOut(cases)
  const tests = cases.map((one, n) => {
    const plain = { render: unraw, load: () => undefined }
    const { written, kept } = writeKept(one.assertions, writeRaw, said => {
      const back = readPromptfooAssertion(said, plain)
      return 'assertion' in back ? back.assertion : undefined
    })
    const own = {
      name: one.name,
      ...(one.key !== null && { key: one.key }),
      ...(one.expectedOutput !== null && { expected: one.expectedOutput }),
      ...(one.files.length > 0 && { files: keepFiles(laidOut[n] ?? []) }),
    }
    return {
      description: one.name,
      vars: { prompt: rawValue(one.prompt) },
      ...(written.length > 0 && { assert: written }),
      metadata: { [KEPT]: keptOf(one, own, kept) },
    }
  })
  return sayYaml({
    description: `Benchmark cases of ${skillName}`,
    prompts: ['{{prompt}}'],
    providers: ['echo'],
    tests,
  })
}

/** A text that has lines of blanks alone goes in quotes: as a block it loses them, or cannot be read again at all. */
function sayYaml(value: unknown): string {
  const document = new Document(value, { aliasDuplicateObjects: false })
  visit(document, {
    Scalar: (_, node) => {
      if (typeof node.value === 'string' && /^[ \t]+$/m.test(node.value) && node.value.includes('\n'))
        node.type = Scalar.QUOTE_DOUBLE
    },
  })
  return document.toString({ lineWidth: 0 })
}
