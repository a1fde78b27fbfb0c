import { foldName } from './paths.ts'

/**
 * Files that configure a program as soon as it starts in the folder they lie in, or above it: agents take hooks, servers and
 * instructions from them, tools the programs they run. Read in the documentation of each, November 2026; for the names that
 * Claude Code, Codex and Gemini CLI read, tried with the programs themselves.
 *
 * A skill may hold such names, since its folder is where no agent starts: `.claude/skills/x/.claude/settings.json` is read by
 * none. The files of a benchmark's case are laid where the agent starts, so there they are left out unless a person names them.
 */

/** Folders. All that lies in them counts. */
const FOLDERS: ReadonlyMap<string, string> = new Map([
  ['.claude', 'Claude Code'],
  ['.claude-plugin', 'Claude Code'],
  ['.codex', 'Codex'],
  ['.agents', 'agents'],
  ['.gemini', 'Gemini CLI'],
  ['.cursor', 'Cursor'],
  ['.cursor-plugin', 'Cursor'],
  ['.github', 'GitHub Copilot'],
  ['.copilot', 'GitHub Copilot'],
  ['.opencode', 'OpenCode'],
  ['.windsurf', 'Windsurf'],
  ['.codeium', 'Windsurf'],
  ['.goose', 'Goose'],
  ['.crush', 'Crush'],
  ['.factory', 'Droid'],
  ['.junie', 'Junie'],
  ['.kiro', 'Kiro'],
  ['.roo', 'Roo Code'],
  ['.kilo', 'Kilo Code'],
  ['.kilocode', 'Kilo Code'],
  ['.continue', 'Continue'],
  ['.cline', 'Cline'],
  ['.clinerules', 'Cline'],
  ['.amp', 'Amp'],
  ['.augment', 'Augment'],
  ['.qwen', 'Qwen Code'],
  ['.openhands', 'OpenHands'],
  ['.openclaw', 'OpenClaw'],
  ['.pi', 'Pi'],
  ['.grok', 'Grok'],
  ['.warp', 'Warp'],
  ['.zed', 'Zed'],
  ['.vscode', 'Visual Studio Code'],
  ['.idea', 'JetBrains IDEs'],
  ['.devcontainer', 'development containers'],
  ['.husky', 'git hooks'],
])

const FILES: ReadonlyMap<string, string> = new Map([
  ['claude.md', 'Claude Code'],
  ['claude.local.md', 'Claude Code'],
  ['.claude.json', 'Claude Code'],
  ['.mcp.json', 'agents'],
  ['mcp.json', 'agents'],
  ['agents.md', 'agents'],
  ['agents.override.md', 'Codex'],
  ['agent.md', 'agents'],
  ['gemini.md', 'Gemini CLI'],
  ['.geminiignore', 'Gemini CLI'],
  ['qwen.md', 'Qwen Code'],
  ['warp.md', 'Warp'],
  ['crush.md', 'Crush'],
  ['crush.json', 'Crush'],
  ['.crush.json', 'Crush'],
  ['opencode.json', 'OpenCode'],
  ['opencode.jsonc', 'OpenCode'],
  ['.cursorrules', 'Cursor'],
  ['.windsurfrules', 'Windsurf'],
  ['.roorules', 'Roo Code'],
  ['.roomodes', 'Roo Code'],
  ['.goosehints', 'Goose'],
  ['.rules', 'Zed'],
  ['.aider.conf.yml', 'Aider'],
  ['.envrc', 'direnv'],
  ['mise.toml', 'mise'],
  ['.mise.toml', 'mise'],
  ['.npmrc', 'npm'],
  ['.yarnrc', 'Yarn'],
  ['.yarnrc.yml', 'Yarn'],
  ['bunfig.toml', 'Bun'],
  ['.bunfig.toml', 'Bun'],
  ['.gitconfig', 'git'],
  ['.worktreeinclude', 'Claude Code'],
])

/** `.env`, `.env.local` and the like: programs built with Bun, and many others, take their environment from there. */
const ENVIRONMENT = /^\.env(?:\.|$)/
/** A short name of NTFS: CLAUDE~1 is `.claude` where that is there. */
const SHORT_NAME = /^[^.]{1,8}~\d+(?:\.[^.]{0,3})?$/
/** What Windows runs by its name alone: a program that is started there is looked for in its own folder first. */
const PROGRAM = /\.(?:exe|com|cmd|bat|ps1|lnk)$/

/**
 * What a file would configure if an agent started in the folder it lies below, by its relative path; undefined for a plain
 * file. At any depth: agents read some of these names where they work, and a case is about its files, not about those.
 */
export function configures(path: string): string | undefined {
  const parts = path.split('/').map(foldName)
  const file = parts.pop() ?? ''
  for (const part of [...parts, file]) {
    const whose = FOLDERS.get(part)
    if (whose !== undefined) return whose
    if (SHORT_NAME.test(part)) return 'another file, as its short name on Windows'
  }
  if (ENVIRONMENT.test(file)) return 'the environment of programs'
  if (parts.length === 0 && PROGRAM.test(file)) return 'which program Windows starts'
  return FILES.get(file)
}
