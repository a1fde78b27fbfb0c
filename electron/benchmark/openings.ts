import type { Talk } from './conversation.ts'
import { type CaseInput, type GivenSkill, systemOf, userOf } from './give-skill.ts'
import type { Message, Tool } from './model.ts'
import type { PlannedCase, PlannedSubject, RunPlan } from './plan.ts'

/** Where a plan's contents are read from. */
export type Sources = {
  /** None for the baseline. */
  skillsOf: (subject: PlannedSubject) => GivenSkill[]
  inputOf: (one: PlannedCase) => CaseInput
}
/** The path of a case's file that is not here (any more): asked without it, it would be another case. */
export type MissingFile = { missing: string }
export type Opening = { skills: GivenSkill[]; system: Extract<Message, { role: 'system' }>; tools: Tool[] }

/** How each conversation of a run begins. System prompts are made once for each subject: an inlined skill may be long. */
export class Openings {
  readonly #plan: RunPlan
  readonly #sources: Sources
  #systems = new Map<string, Opening>()

  constructor(plan: RunPlan, sources: Sources) {
    this.#plan = plan
    this.#sources = sources
  }

  talkOf(subject: PlannedSubject, one: PlannedCase): Talk | MissingFile {
    const { settings } = this.#plan
    const { skills, system, tools } = this.systemOf(subject)
    const input = this.#sources.inputOf(one)
    const gone = input.files.find(file => file.state === 'gone')
    if (gone) return { missing: gone.path }
    return {
      skills,
      maxSteps: settings.maxSteps,
      first: {
        messages: [system, userOf(input)],
        tools,
        maxOutputTokens: settings.maxOutputTokens,
        temperature: settings.temperature ?? undefined,
      },
    }
  }

  systemOf(subject: PlannedSubject): Opening {
    const known = this.#systems.get(subject.runId)
    if (known) return known
    const skills = this.#sources.skillsOf(subject)
    const made = { skills, ...systemOf(skills, this.#plan.settings.manner) }
    this.#systems.set(subject.runId, made)
    return made
  }
}
