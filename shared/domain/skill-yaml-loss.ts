/**
 * Where YAML reads less than was written: `for the #deployments channel` ends before the comment it seems to begin, the first
 * word of `!important rules` is a tag, that of `&co partners` an anchor (YAML 1.2, 6.6, 6.8.2 and 6.9). Nothing is invalid,
 * so no parser says anything, and an agent sees half a sentence.
 */
import { isAlias, isScalar, type Scalar, visit } from 'yaml'
import type { FrontmatterField, SkillMd } from './skill-parse.ts'
import type { Finding } from './skill-profiles.ts'
import { readYaml } from './skill-yaml.ts'

/** One finding for each unquoted value of which a part is lost, with quotes around the whole as its fix where it is a field's. */
export function checkLosses(text: string, skill: SkillMd): Finding[] {
  const { frontmatter } = skill
  if (!frontmatter || skill.yamlError || !/[#!&]/.test(frontmatter.text)) return []
  const read = readYaml(frontmatter.text)
  if ('problem' in read) return []
  const fields = new Map([
    ...skill.metadata.map(field => [field.valueFrom, { ...field, key: `metadata.${field.key}` }] as const),
    ...skill.fields.map(field => [field.valueFrom, field] as const),
  ])
  const used = new Set<string>()
  const plain: Scalar.Parsed[] = []
  visit(read.document, {
    Alias: (_, { source }) => void used.add(source),
    Scalar: (role, node) => {
      if (role !== 'key' && isParsed(node) && node.type === 'PLAIN') plain.push(node)
    },
  })
  return plain.flatMap(node => {
    const from = frontmatter.from + node.range[0]
    const to = frontmatter.from + node.range[1]
    const lost = lostBefore(text, from, node, used) ?? lostAfter(text, to)
    return lost ? [finding(text, { from, to }, lost, fields.get(from))] : []
  })
}

const isParsed = (node: unknown): node is Scalar.Parsed => isScalar(node) && !isAlias(node) && Array.isArray(node.range)

type Lost = { from: number; to: number; as: 'a comment' | 'a tag' | 'an anchor' }

/** A tag or an anchor in front of the value; types of YAML's own (`!!str`) and anchors that something refers to are meant. */
function lostBefore(text: string, valueFrom: number, node: Scalar.Parsed, used: ReadonlySet<string>): Lost | undefined {
  const isTag = node.tag !== undefined && !node.tag.startsWith('tag:yaml.org,2002:')
  const isAnchor = node.anchor !== undefined && !used.has(node.anchor)
  if (!isTag && !isAnchor) return undefined
  const line = text.lastIndexOf('\n', valueFrom - 1) + 1
  const at = /(?<=[\s:-])[!&]\S*(?:[ \t]+[!&]\S*)*[ \t]*$/.exec(text.slice(line, valueFrom))
  if (!at) return undefined
  return { from: line + at.index, to: valueFrom, as: isTag ? 'a tag' : 'an anchor' }
}

function lostAfter(text: string, valueTo: number): Lost | undefined {
  const comment = /[ \t]+(#[^\r\n]*)/y
  comment.lastIndex = valueTo
  const found = comment.exec(text)?.[1]
  if (found === undefined) return undefined
  const to = comment.lastIndex
  return { from: to - found.length, to: to - (found.length - found.trimEnd().length), as: 'a comment' }
}

type Span = { from: number; to: number }

function finding(text: string, value: Span, lost: Lost, field: FrontmatterField | undefined): Finding {
  const from = Math.min(value.from, lost.from)
  const written = text.slice(from, Math.max(value.to, lost.to))
  return {
    code: 'VALUE_CUT',
    // `# like this` may be a remark on purpose; `#this` hardly is, and neither is any in the one text that agents choose by.
    severity:
      lost.as === 'a comment' && /^#(\s|$)/.test(text.slice(lost.from)) && field?.key !== 'description'
        ? 'advice'
        : 'warning',
    from: lost.from,
    to: lost.to,
    message: `YAML takes “${short(text.slice(lost.from, lost.to).trim())}” for ${lost.as}, so it is not part of ${field ? `the field “${field.key}”` : 'the value'}.`,
    ...(field
      ? { fix: { label: 'Put the whole value in quotes', key: field.key, value: written.split(/\s*\n\s*/).join(' ') } }
      : {}),
  }
}

const short = (text: string): string => ([...text].length > 40 ? `${[...text].slice(0, 39).join('')}…` : text)
