import { z } from 'zod'
import { contract, id, instant } from './base.ts'

/**
 * What a skill asks of a version before it is published. `measured`: both were run on the same cases, and enough of these have
 * a grade. Only `met` lets a version through: what is not known does not pass.
 */
export const gateFinding = z.object({
  rule: z.enum(['measured', 'no-case-fails', 'not-worse']),
  state: z.enum(['met', 'unmet', 'unknown']),
  words: z.string(),
  cases: z.array(z.object({ caseId: id, name: z.string() })),
})
export type GateFinding = z.infer<typeof gateFinding>

export const gateReport = z.object({
  on: z.boolean(),
  /** Whether publishing goes through without a reason. */
  open: z.boolean(),
  words: z.string(),
  findings: z.array(gateFinding),
  /** The two runs that were held against each other. */
  candidateRunId: id.nullable(),
  publishedRunId: id.nullable(),
})
export type GateReport = z.infer<typeof gateReport>

export const gateRules = z.object({
  /** Whether a comparison that is inconclusive passes. It never does for a case that passed and fails. */
  acceptInconclusive: z.boolean(),
  /** Of the cases, how many may be without a grade in either run, in percent. */
  ungradedPercent: z.int().min(0).max(100),
})
export type GateRules = z.infer<typeof gateRules>
export const gate = gateRules.extend({ on: z.boolean() })
export type Gate = z.infer<typeof gate>
export const DEFAULT_GATE: Gate = { on: false, acceptInconclusive: false, ungradedPercent: 10 }

export const gates = {
  get: contract.input(z.object({ skillId: id })).output(gate),
  /** What is left out stays as it was. */
  set: contract.input(gate.partial().extend({ skillId: id })).output(gate),
  /** What the gate would say of publishing that version now, whether it is on or not. */
  check: contract.input(z.object({ skillId: id, versionId: id })).output(gateReport),
  /**
   * The same of two runs, whatever they were of: a working copy, on a build server, against what is published. `rules` go
   * before the skill's own.
   */
  checkRuns: contract
    .input(z.object({ published: id, candidate: id, rules: gateRules.partial().optional() }))
    .output(gateReport),
  /** Who published against the gate, when and why; newest first. */
  overrides: contract
    .input(z.object({ skillId: id }))
    .output(
      z.array(
        z.object({ versionId: id, by: z.string(), reason: z.string(), findings: z.array(gateFinding), at: instant }),
      ),
    ),
}
