import { readFileSync, writeFileSync } from 'node:fs'
import type { Reporter, TestCase, TestModule, TestSuite } from 'vitest/node'

export type Counts = { passed: number; failed: number; skipped: { name: string; why: string }[] }

/**
 * Writes how many tests passed, failed and were skipped, and why, to the file that WHETSTONE_UNIT_REPORT names. A
 * reason is a note, or stands in the title as `(skipped: …)`, or is the condition itself, read from the test's source.
 */
export default class UnitReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[]): void {
    const file = process.env.WHETSTONE_UNIT_REPORT
    if (file === undefined) return
    const counts: Counts = { passed: 0, failed: 0, skipped: [] }
    for (const module of modules) {
      // A file that did not even load has no tests to count.
      if (module.state() === 'failed' && module.errors().length > 0) counts.failed++
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') counts.passed++
        else if (result.state === 'failed') counts.failed++
        else counts.skipped.push({ name: `${module.relativeModuleId} › ${test.fullName}`, why: whySkipped(test) })
      }
    }
    writeFileSync(file, JSON.stringify(counts))
  }
}

function whySkipped(test: TestCase): string {
  const result = test.result()
  if (result.state === 'skipped' && result.note) return result.note
  const told = test.fullName.match(/\(skipped:? (?:where there are none|([^()]+(?:\([^()]*\)[^()]*)?))\)/)?.[1]
  if (told) return told
  for (let at: TestCase | TestSuite | TestModule = test; at.type !== 'module'; at = at.parent) {
    const line = at.location?.line
    if (line === undefined) continue
    const text = readFileSync(at.module.moduleId, 'utf8').split('\n')[line - 1] ?? ''
    const condition = text.match(/(?:skipIf|runIf)\((.*)\)\(/)?.[0]
    if (condition) return condition.slice(0, -1)
  }
  return 'no reason given'
}
