/**
 * What services know of the benchmark engine: its types. The engine itself is passed in, and read from disk on first use, since
 * the SDKs of four vendors are no part of a start.
 */
import type { Engine } from './engine.ts'

export type BenchmarkControl = {
  engine: () => Promise<Engine>
  /** Where keys may stand as well, as on a build server. */
  environment: Readonly<Record<string, string | undefined>>
  /** This process's name, and whether the process of another name still runs: whose a run is. */
  owner: string
  alive: (owner: string) => boolean
}
export type { ReplyStore, Target } from './asker.ts'
export type { AgentFile } from './command-runner.ts'
export type { Asked, Outcome } from './conversation.ts'
export type { Engine } from './engine.ts'
export type { Estimate } from './estimate.ts'
export type { CaseInput, GivenSkill } from './give-skill.ts'
export type { ModelReply } from './model.ts'
export type { Sources } from './openings.ts'
export type {
  Cell,
  PlannedCase,
  PlannedCommand,
  PlannedContestant,
  PlannedModel,
  PlannedSubject,
  RunPlan,
} from './plan.ts'
export type { CellNews, CellResult, RunEnd, RunStore } from './run-cells.ts'
