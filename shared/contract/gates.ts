import { z } from 'zod'
import { contract, id, instant } from './base.ts'

/** What a skill asks of a version before it is published. */
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

export const gates = {
  get: contract.input(z.object({ skillId: id })).output(z.object({ on: z.boolean() })),
  set: contract.input(z.object({ skillId: id, on: z.boolean() })).output(z.object({ on: z.boolean() })),
  /** What the gate would say of publishing that version now, whether it is on or not. */
  check: contract.input(z.object({ skillId: id, versionId: id })).output(gateReport),
  /** The same of two runs, whatever they were of: a working copy, on a build server, against what is published. */
  checkRuns: contract.input(z.object({ published: id, candidate: id })).output(gateReport),
  /** Who published against the gate, when and why; newest first. */
  overrides: contract
    .input(z.object({ skillId: id }))
    .output(
      z.array(
        z.object({ versionId: id, by: z.string(), reason: z.string(), findings: z.array(gateFinding), at: instant }),
      ),
    ),
}
