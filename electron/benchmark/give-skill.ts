import { z } from 'zod'
import { inputOf, type Message, type Tool, type ToolCall } from './model.ts'

/** A skill as a model is given it. Text is read when it is asked for. */
export type GivenSkill = {
  name: string
  description: string
  /** SKILL.md without its frontmatter. */
  body: string
  files: GivenFile[]
}
export type GivenFile = { path: string; size: number; executable: boolean; text: () => string | undefined }
/** `progressive`: as agents do it, in three steps; `inlined`: everything in the system prompt, no tools. */
export type Manner = 'progressive' | 'inlined'
/** `state`: `gone` came along once and is not here now, so the case cannot be asked; `never` is only named, and said to be so. */
export type CaseFileGiven = {
  path: string
  text: string | undefined
  size: number
  state: 'here' | 'gone' | 'never'
}
export type CaseInput = { prompt: string; files: CaseFileGiven[] }

/** How much of one file a tool, or an inlined skill, gives. */
export const GIVE_LIMITS = { fileCharacters: 60_000, inlinedCharacters: 400_000 } as const
export const USE_SKILL = 'use_skill'
export const READ_FILE = 'read_skill_file'

const BASE = `You are an assistant that carries out the task a person gives you. Nobody can answer questions, so decide what is left open, and say so briefly. Your last message is the result, whole: write there everything that was asked for, and where files were asked for, their full text.`
const NO_SCRIPTS = `Nothing can be run here: no shell, no scripts, no network. Where a skill tells you to run a script, read it and do by yourself what it would do, or say what it would have to be run with.`

/**
 * The system prompt and its tools. Without a skill the same words but for the skill: the baseline differs in nothing else.
 */
export function systemOf(
  skills: readonly GivenSkill[],
  manner: Manner,
): { system: Extract<Message, { role: 'system' }>; tools: Tool[] } {
  const progressive = manner === 'progressive' && skills.length > 0
  const parts = [BASE]
  if (skills.length > 0) parts.push(progressive ? listing(skills) : skills.map(inlined).join('\n\n'), NO_SCRIPTS)
  return { system: { role: 'system', content: parts.join('\n\n') }, tools: progressive ? TOOLS : [] }
}

export const userOf = (input: CaseInput): Message => ({
  role: 'user',
  content: [{ type: 'text', text: promptOf(input) }],
})

export function listing(skills: readonly Pick<GivenSkill, 'name' | 'description'>[]): string {
  const entries = skills.map(
    skill => `<skill>\n<name>${skill.name}</name>\n<description>${skill.description}</description>\n</skill>`,
  )
  return `You have skills: instructions for certain kinds of task. Before you begin, see whether a description fits the task; if one does, call ${USE_SKILL} with its name and follow what it says. If none fits, go on without. Files that a skill names are read with ${READ_FILE}, when they are needed.\n\n<available_skills>\n${entries.join('\n')}\n</available_skills>`
}

function inlined(skill: GivenSkill): string {
  let left = GIVE_LIMITS.inlinedCharacters - skill.body.length
  const files = skill.files.flatMap(file => {
    const text = file.text()
    if (text === undefined) return [`<file path="${file.path}">(binary, ${file.size} bytes)</file>`]
    const given = cut(text, Math.max(0, Math.min(left, GIVE_LIMITS.fileCharacters)))
    left -= given.length
    return [`<file path="${file.path}">\n${given}\n</file>`]
  })
  return `You have a skill for this kind of task. Follow it where it applies.\n\n<skill name="${skill.name}">\n${skill.body}\n${files.join('\n')}\n</skill>`
}

function promptOf({ prompt, files }: CaseInput): string {
  if (files.length === 0) return prompt
  const given = files.map(file => {
    if (file.state === 'never') return `<file path="${file.path}">(not given)</file>`
    return file.text === undefined
      ? `<file path="${file.path}">(not text, ${file.size} bytes)</file>`
      : `<file path="${file.path}">\n${file.text}\n</file>`
  })
  return `${prompt}\n\nFiles that belong to the task:\n\n${given.join('\n')}`
}

const name = { type: 'string' as const, description: 'The skill’s name, as listed.' }
export const USE_SKILL_TOOL: Tool = {
  type: 'function',
  name: USE_SKILL,
  description: 'Gives a skill’s instructions and the names of its files.',
  inputSchema: { type: 'object', properties: { name }, required: ['name'], additionalProperties: false },
}
const TOOLS: Tool[] = [
  USE_SKILL_TOOL,
  {
    type: 'function',
    name: READ_FILE,
    description: 'Gives the text of one file of a skill.',
    inputSchema: {
      type: 'object',
      properties: { name, path: { type: 'string', description: 'The path, relative to the skill’s folder.' } },
      required: ['name', 'path'],
      additionalProperties: false,
    },
  },
]

const useInput = z.object({ name: z.string() })
const readInput = z.object({ name: z.string(), path: z.string() })
/** What a tool call did, for the record of a result. */
export type ToolAnswer = { text: string; used?: string; read?: string }

/** The answer of a tool: a sentence where it cannot be answered, since the model is to go on. */
export function answerTool(skills: readonly GivenSkill[], call: ToolCall): ToolAnswer {
  const input = inputOf(call)
  const known = () => skills.map(skill => skill.name).join(', ')
  if (call.name === USE_SKILL) {
    const given = useInput.safeParse(input)
    const skill = given.success ? skills.find(one => one.name === given.data.name) : undefined
    if (!skill) return { text: `There is no such skill. There are: ${known()}.` }
    return { text: triggered(skill), used: skill.name }
  }
  if (call.name === READ_FILE) {
    const given = readInput.safeParse(input)
    if (!given.success) return { text: 'That is read with {"name": …, "path": …}.' }
    const skill = skills.find(one => one.name === given.data.name)
    if (!skill) return { text: `There is no such skill. There are: ${known()}.` }
    return readFile(skill, given.data.path)
  }
  return { text: `There is no tool “${call.name}”.` }
}

function triggered(skill: GivenSkill): string {
  const files = skill.files.map(file => `- ${file.path} (${file.size} bytes)`)
  const list = files.length === 0 ? '' : `\n\nFiles of this skill, to be read with ${READ_FILE}:\n${files.join('\n')}`
  return `${skill.body}${list}`
}

function readFile(skill: GivenSkill, asked: string): ToolAnswer {
  const plain = asked.replace(/^\.\//, '')
  const path = plain.startsWith(`${skill.name}/`) ? plain.slice(skill.name.length + 1) : plain
  const file = skill.files.find(one => one.path === path)
  if (!file) return { text: `${skill.name} has no file “${asked}”.` }
  const text = file.text()
  if (text === undefined) return { text: `${path} is not text (${file.size} bytes).`, read: path }
  const script = file.executable || /\.(sh|py|js|mjs|cjs|ts|rb|pl|ps1|bash)$/.test(path)
  const remark = script ? '(This is a script. It cannot be run here.)\n' : ''
  return { text: `${remark}${cut(text, GIVE_LIMITS.fileCharacters)}`, read: path }
}

const cut = (text: string, most: number): string =>
  text.length <= most ? text : `${text.slice(0, most)}\n(cut here: ${text.length - most} characters more)`
