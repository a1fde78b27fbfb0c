import { markdown, markdownLanguage } from '@codemirror/lang-markdown'
import { yaml, yamlFrontmatter } from '@codemirror/lang-yaml'
import type { Extension } from '@codemirror/state'

/** The language of a file by its name: Markdown with YAML frontmatter, YAML, or none (plain text). */
export function languageOf(path: string): Extension {
  if (/\.(md|markdown|mdx)$/i.test(path)) return yamlFrontmatter({ content: markdown({ base: markdownLanguage }) })
  if (/\.ya?ml$/i.test(path)) return yaml()
  return []
}
