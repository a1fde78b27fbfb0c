import path from 'node:path'
import { readKeptFiles } from './case-files.ts'
import type { ImportedFile, ReadFailed, Remarks } from './case-forms.ts'
import { readCsvTests } from './csv-tests.ts'
import { decodeUtf8, isRecord, listOf, member, type Parsed, parseJson, parseYaml, textOf } from './parse-text.ts'
import { isPlain, type SourceTree } from './source-tree.ts'

export type Prompt = { text: string; label: string; where: string }
export type Test = {
  where: string
  number: number
  description: string | undefined
  vars: Map<string, unknown>
  assert: unknown[]
  metadata: unknown
}
export type Loaded = { ok: true; prompts: Prompt[]; tests: Test[]; defaultAssert: unknown }

const CONFIG_KNOWN = ['description', 'prompts', 'tests', 'defaultTest', 'assertionTemplates', '$schema']
const TEST_KNOWN = ['description', 'vars', 'assert', 'metadata']
/** A configuration that names itself, or two that name each other. */
const MOST_FILES = 200

/** Reads a configuration with the files it names, each relative to it and inside its folder. */
export class Loader {
  readonly path: string
  readonly remarks: Remarks
  #tree: SourceTree
  #folder: string
  #opened = 0
  #templates: unknown

  constructor(tree: SourceTree, file: string, remarks: Remarks) {
    this.#tree = tree
    this.path = file
    this.#folder = path.posix.dirname(file)
    this.remarks = remarks
  }

  config(): Loaded | ReadFailed {
    const read = this.#parse(this.path)
    if (!read.ok) return read
    const config = read.value
    if (!isRecord(config) || (config.tests === undefined && config.prompts === undefined))
      return { ok: false, message: `“${this.path}” has neither prompts nor tests.` }
    for (const key of Object.keys(config))
      if (!CONFIG_KNOWN.includes(key)) this.remarks.add(`${this.path}: ${key}`, 'No part of a case here, so not taken.')
    this.#templates = config.assertionTemplates
    const defaults = this.#defaultTest(config.defaultTest)
    const tests = this.#tests(config.tests, `${this.path}: tests`)
    for (const test of tests)
      for (const [name, value] of defaults.vars) if (!test.vars.has(name)) test.vars.set(name, value)
    for (const test of tests)
      test.vars = new Map([...test.vars].map(([name, value]) => [name, this.#variable(value, test.where)]))
    const prompts = this.#prompts(config.prompts)
    if (prompts.length === 0) return { ok: false, message: `“${this.path}” has no prompt that can be read.` }
    return { ok: true, prompts, tests, defaultAssert: defaults.assert }
  }

  /** The text of a file the configuration names; undefined with a remark where there is none. */
  text(named: string): string | undefined {
    const found = this.#find(named)
    if (!found) return undefined
    const decoded = decodeUtf8(found.bytes, found.file)
    return decoded.ok ? decoded.text : undefined
  }

  /** A case's own files, of what was exported here. */
  files(kept: unknown, where: string): ImportedFile[] {
    return readKeptFiles(this.#tree, kept, this.#folder, where, this.remarks)
  }

  /** `{$ref: '#/assertionTemplates/name'}` is that template. */
  resolve(said: unknown): unknown {
    const name = /^#\/assertionTemplates\/(.+)$/.exec(textOf(member(said, '$ref')) ?? '')?.[1]
    return name === undefined ? said : (member(this.#templates, name) ?? said)
  }

  #find(named: string): { file: string; bytes: Uint8Array } | undefined {
    const file = path.posix.normalize(path.posix.join(this.#folder, named.replace(/^file:\/\//, '')))
    const outside = named.includes('\0') || /^(file:\/\/)?([/\\]|[a-z]:)/i.test(named) || !isPlain(file)
    const bytes = outside || this.#opened >= MOST_FILES ? undefined : this.#tree.read(file)
    this.#opened += 1
    if (bytes) return { file, bytes }
    this.remarks.add(
      `${this.path}: ${named}`,
      outside ? 'It points outside, so it was not read.' : 'It did not come along.',
    )
    return undefined
  }

  #parse(file: string): Parsed {
    const bytes = this.#tree.read(file)
    if (!bytes) return { ok: false, message: `“${file}” cannot be read.` }
    const decoded = decodeUtf8(bytes, file)
    if (!decoded.ok) return decoded
    return /\.json$/i.test(file) ? parseJson(decoded.text, file) : parseYaml(decoded.text, file)
  }

  #parseNamed(named: string, where: string): unknown {
    const found = this.#find(named)
    if (!found) return undefined
    const read = this.#parse(found.file)
    if (read.ok) return read.value
    this.remarks.add(where, read.message)
    return undefined
  }

  #defaultTest(given: unknown): { vars: Map<string, unknown>; assert: unknown[] } {
    const where = `${this.path}: defaultTest`
    const value = typeof given === 'string' ? this.#parseNamed(given, where) : given
    if (!isRecord(value)) return { vars: new Map(), assert: [] }
    for (const key of Object.keys(value))
      if (!['vars', 'assert'].includes(key)) this.remarks.add(`${where}.${key}`, 'Not understood, so not taken.')
    return { vars: mapOf(value.vars), assert: listOf(value.assert) }
  }

  #tests(given: unknown, where: string): Test[] {
    if (given === undefined || given === null)
      return [{ where, number: 1, description: undefined, vars: new Map(), assert: [], metadata: undefined }]
    const list = Array.isArray(given) ? given : [given]
    const tests: Test[] = []
    for (const [at, one] of list.entries()) {
      const place = `${where}[${at}]`
      if (typeof one === 'string') tests.push(...this.#testsOf(one, place))
      else if (isRecord(one)) tests.push(this.#test(one, place))
      else this.remarks.add(place, 'Not a test, so not taken.')
    }
    return tests.map((test, at) => ({ ...test, number: at + 1 }))
  }

  #testsOf(named: string, where: string): Test[] {
    if (/\.(ya?ml|json)$/i.test(named)) {
      const value = this.#parseNamed(named, where)
      return value === undefined
        ? []
        : this.#tests(listOf(value).length > 0 ? value : [value], `${where} ${named}`).filter(
            test => test.vars.size > 0 || test.assert.length > 0 || test.description !== undefined,
          )
    }
    if (/\.csv$/i.test(named)) {
      const text = this.text(named)
      return text === undefined ? [] : readCsvTests(text, named, this.remarks)
    }
    this.remarks.add(where, `“${named}” is of a kind that is not read here.`)
    return []
  }

  #test(one: Record<string, unknown>, where: string): Test {
    for (const key of Object.keys(one))
      if (!TEST_KNOWN.includes(key)) this.remarks.add(`${where}.${key}`, 'Not understood, so not taken.')
    const vars = typeof one.vars === 'string' ? this.#parseNamed(one.vars, `${where}.vars`) : one.vars
    return {
      where,
      number: 0,
      description: textOf(one.description),
      vars: mapOf(vars),
      assert: listOf(one.assert),
      metadata: one.metadata,
    }
  }

  #variable(value: unknown, where: string): unknown {
    if (Array.isArray(value)) return value.map(one => this.#variable(one, where))
    if (typeof value !== 'string' || !value.startsWith('file://')) return value
    if (/\.(js|ts|mjs|cjs|py|rb|pdf|png|jpe?g|gif|webp|mp3|wav)$/i.test(value)) {
      this.remarks.add(`${where}.vars`, `“${value}” is of a kind that is not read here.`)
      return value
    }
    return this.text(value) ?? value
  }

  #prompts(given: unknown): Prompt[] {
    const list = Array.isArray(given) ? given : given === undefined ? ['{{prompt}}'] : [given]
    return list.flatMap((one, at) => {
      const where = `${this.path}: prompts[${at}]`
      if (typeof one === 'string') return this.#promptsOf(one, undefined, where)
      const text = textOf(member(one, 'raw')) ?? textOf(member(one, 'id'))
      if (text !== undefined) return this.#promptsOf(text, textOf(member(one, 'label')), where)
      this.remarks.add(where, 'Not a prompt, so not taken.')
      return []
    })
  }

  #promptsOf(given: string, label: string | undefined, where: string): Prompt[] {
    const names = given.startsWith('file://') || /^[\w./-]+\.(txt|md|json|ya?ml|js|ts|py|csv|j2)$/i.test(given)
    if (!names) return given === '' ? [] : [{ text: given, label: label ?? given.slice(0, 60), where }]
    if (!/\.(txt|md|json|j2)$/i.test(given)) {
      this.remarks.add(where, `“${given}” is of a kind that is not read here.`)
      return []
    }
    const text = this.text(given)
    if (text === undefined) return []
    // One text file may hold several prompts, each after a line of three dashes.
    const parts = /\.txt$/i.test(given) ? text.split(/^---$/m) : [text]
    return parts
      .map(part => part.trim())
      .filter(part => part !== '')
      .map(part => ({ text: part, label: label ?? given, where }))
  }
}

const mapOf = (value: unknown): Map<string, unknown> => new Map(isRecord(value) ? Object.entries(value) : [])
