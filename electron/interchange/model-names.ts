/** Who makes a model, told by its name; 'unknown' where that says nothing. */
export function providerOf(model: string): string {
  const name = model.toLowerCase()
  const [, prefix] = /^([a-z][a-z0-9-]*)[:/]/.exec(name) ?? []
  if (prefix !== undefined) return prefix
  if (name.startsWith('claude')) return 'anthropic'
  if (/^(gpt|o\d|chatgpt|codex)/.test(name)) return 'openai'
  if (/^(gemini|gemma)/.test(name)) return 'google'
  return 'unknown'
}

/** Whether a configuration's name says that there was no skill. */
export const isBaselineName = (name: string): boolean =>
  /(^|[_\s-])(without[_\s-]?skill|no[_\s-]?skill|baseline|base)($|[_\s-])/i.test(name)

/** What stands where a name should: `<model-name>`, `{{model}}`, `TODO`. */
export const isPlaceholderName = (name: string): boolean =>
  /^(<.*>|\[.*\]|\{.*\}|todo|tbd|n\/?a|none|null|unknown|model[-_ ]name|your[-_ ].*)$/i.test(name)
