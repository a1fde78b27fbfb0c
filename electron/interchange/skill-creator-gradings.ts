import type { AssertionResult } from '../../shared/domain/benchmark/assertion.ts'
import type { Remarks } from './case-forms.ts'
import { decodeUtf8, listOf, member, numberOf, parseJson, textOf, wholeOf } from './parse-text.ts'
import type { SourceTree } from './source-tree.ts'

/** `outputCharacters`: how long the output is, where the grading says it. */
export type Grading = { results: AssertionResult[]; outputCharacters: number | null }
export type Timing = { tokens: number | null; milliseconds: number | null }
/** One graded output. */
export type Graded = {
  configuration: string
  evalKey: string
  repeat: number
  grading: Grading
  timing: Timing | undefined
}

/** 'Standard Upgrade Plan' and 'standard-upgrade-plan' are one eval. */
export const plainName = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')

/**
 * The gradings below an iteration's folder, by configuration, eval and run, from where they lie:
 * `CONFIGURATION/eval-7-grading.json`, `EVAL/CONFIGURATION/grading.json` or `EVAL/CONFIGURATION/run-2/grading.json`.
 */
export class Gradings {
  #tree: SourceTree
  #remarks: Remarks
  #found = new Map<string, Graded>()

  constructor(tree: SourceTree, folder: string, remarks: Remarks) {
    this.#tree = tree
    this.#remarks = remarks
    const prefix = folder === '' ? '' : `${folder}/`
    for (const path of tree.paths) if (path.startsWith(prefix)) this.#take(path, path.slice(prefix.length))
  }

  /** Of one output; `name` also matches the eval's folder. */
  find(configuration: string, one: { id: string; name: string | undefined }, repeat: number): Graded | undefined {
    const keys = [one.id, plainName(one.name ?? ''), `${one.id}-${plainName(one.name ?? '')}`]
    return keys.map(key => this.#found.get(keyOf(configuration, key, repeat))).find(found => found !== undefined)
  }

  all(): Graded[] {
    return [...this.#found.values()]
  }

  /** A list of graded expectations wherever it stands; undefined where there is none. */
  of(list: unknown): Grading | undefined {
    const results = listOf(list).flatMap(one => readGraded(one) ?? [])
    return results.length > 0 ? { results, outputCharacters: null } : undefined
  }

  #take(path: string, inside: string): void {
    const place = placeOf(inside)
    if (!place) return
    const value = this.#json(path)
    const grading =
      this.of(member(value, 'expectations')) ??
      this.of(member(value, 'assertions')) ??
      this.of(member(value, 'results'))
    if (!grading) {
      if (value !== undefined) this.#remarks.add(path, 'It holds no graded expectations.')
      return
    }
    const folder = path.split('/').slice(0, -1).join('/')
    const timing = place.timed ? this.#json(`${folder}/timing.json`, true) : undefined
    const outputCharacters = wholeOf(member(member(value, 'execution_metrics'), 'output_chars'))
    const found = {
      ...place,
      grading: { ...grading, outputCharacters },
      timing: timing === undefined ? undefined : readTiming(timing),
    }
    this.#found.set(keyOf(place.configuration, place.evalKey, place.repeat), found)
  }

  #json(path: string, optional = false): unknown {
    const bytes = this.#tree.read(path)
    if (!bytes && optional) return undefined
    const decoded = bytes ? decodeUtf8(bytes, path) : ({ ok: false, message: 'It cannot be read.' } as const)
    const parsed = decoded.ok ? parseJson(decoded.text, path) : decoded
    if (parsed.ok) return parsed.value
    this.#remarks.add(path, parsed.message)
    return undefined
  }
}

const keyOf = (configuration: string, evalKey: string, repeat: number): string =>
  JSON.stringify([configuration, evalKey, repeat])

function placeOf(
  inside: string,
): { configuration: string; evalKey: string; repeat: number; timed: boolean } | undefined {
  const flat = /^([^/]+)\/eval-([^/]+)-grading\.json$/.exec(inside)
  if (flat?.[1] !== undefined && flat[2] !== undefined)
    return { configuration: flat[1], evalKey: flat[2], repeat: 1, timed: false }
  const [, evalFolder, configuration, run] =
    /^([^/]+)\/((?!run-\d+\/)[^/]+)\/(?:run-(\d+)\/)?grading\.json$/.exec(inside) ?? []
  if (evalFolder === undefined || configuration === undefined) return undefined
  // Some write CONFIGURATION/eval-3/grading.json.
  const turned = /^eval-(\d+)(?:-|$)/.exec(configuration)?.[1]
  if (turned !== undefined && !/^eval-\d/.test(evalFolder))
    return {
      configuration: evalFolder,
      evalKey: turned,
      repeat: run === undefined ? 1 : Math.max(1, Number(run)),
      timed: true,
    }
  // 'eval-3-pdf-forms' and 'eval-3' are eval 3; 'pdf-forms' is known by its name.
  const evalKey = /^eval-(\d+)(?:-|$)/.exec(evalFolder)?.[1] ?? plainName(evalFolder)
  return { configuration, evalKey, repeat: run === undefined ? 1 : Math.max(1, Number(run)), timed: true }
}

/** {text, passed, evidence}, or {expectation, passed, reason}. */
function readGraded(one: unknown): AssertionResult | undefined {
  const words = ['text', 'expectation', 'assertion', 'description', 'name'].map(key => textOf(member(one, key)))
  const text = words.find(word => word !== undefined && word !== '')
  if (text === undefined) return undefined
  const passed = member(one, 'passed')
  return {
    text,
    type: 'rubric',
    passed: typeof passed === 'boolean' ? passed : null,
    evidence: textOf(member(one, 'evidence')) ?? textOf(member(one, 'reason')) ?? null,
  }
}

function readTiming(value: unknown): Timing {
  const seconds = numberOf(member(value, 'total_duration_seconds'))
  // Nothing takes no time and no tokens: 0 holds the place of what was not measured.
  return {
    tokens: wholeOf(member(value, 'total_tokens')) || null,
    milliseconds:
      wholeOf(member(value, 'duration_ms')) || (seconds === null ? null : Math.round(seconds * 1_000) || null),
  }
}
