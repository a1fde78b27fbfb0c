/**
 * How the reference validator (agentskills/agentskills, skills-ref, parser.py) reads a SKILL.md, where that differs from YAML 1.2:
 * it ends the frontmatter at the next `---` wherever it stands, and reads it by strictyaml, which knows neither flow
 * collections nor anchors nor tags, and takes every scalar as text (for the last see `textOf`).
 */
import { isAlias, isCollection, isNode, type Node, visit } from 'yaml'
import { parseSkillMd, type SkillMd } from './skill-parse.ts'
import type { Finding } from './skill-profiles.ts'
import { readYaml } from './skill-yaml.ts'

/** The skill as the reference validator sees it, and what it stumbles over. Offsets stay those of `text`. */
export function readAsReference(text: string, skill: SkillMd): { skill: SkillMd; findings: Finding[] } {
  const frontmatter = skill.frontmatter ?? unclosed(text, skill)
  if (!frontmatter) return { skill, findings: [] }
  const dashes = frontmatter.text.indexOf('---')
  if (dashes === -1) return { skill, findings: skill.yamlError ? [] : refusals(frontmatter.text, frontmatter.from) }
  const cut = frontmatter.from + dashes
  const read = parseSkillMd(`${text.slice(0, cut)}\n---\n`)
  const stop: Finding = {
    code: 'FRONTMATTER_CUT',
    severity: 'warning',
    from: cut,
    to: cut + 3,
    message: 'The reference validator ends the frontmatter at this ---.',
  }
  const seen = frontmatter.text.slice(0, dashes)
  return { skill: read, findings: [stop, ...(read.yamlError ? [] : refusals(seen, frontmatter.from))] }
}

/** `--- # Title` closes nothing by the specification, but the reference ends the frontmatter there all the same. */
function unclosed(text: string, skill: SkillMd): { from: number; text: string } | undefined {
  if (skill.missing !== 'unclosed') return undefined
  const from = text.indexOf('\n') + 1
  const rest = text.slice(from)
  return from > 0 && rest.includes('---') ? { from, text: rest } : undefined
}

const REFUSED = {
  YAML_FLOW: 'lists or maps in [ ] or { }; write one entry a line',
  YAML_ANCHOR: 'anchors and aliases',
  YAML_TAG: 'tags such as !!str',
} as const

/** The first of each kind; the validator itself stops at the first of all. */
function refusals(source: string, base: number): Finding[] {
  const found = new Map<string, Finding>()
  const add = (code: keyof typeof REFUSED, node: Node) => {
    const from = base + (node.range?.[0] ?? 0)
    const message = `The reference validator does not read ${REFUSED[code]}.`
    if (!found.has(code)) found.set(code, { code, severity: 'error', from, to: base + (node.range?.[1] ?? 0), message })
  }
  const read = readYaml(source)
  if ('problem' in read) return []
  visit(read.document, (_, node) => {
    if (!isNode(node)) return
    if (isAlias(node)) add('YAML_ANCHOR', node)
    else if (node.anchor) add('YAML_ANCHOR', node)
    if (isCollection(node) && node.flow) add('YAML_FLOW', node)
    if (!isAlias(node) && node.tag) add('YAML_TAG', node)
  })
  return [...found.values()]
}
