import { opendir, stat } from 'node:fs/promises'
import { join, posix, win32 } from 'node:path'
import { isLeftOutFolder } from './skill-files.ts'

/** A folder where an agent keeps a person's skills, whether or not it is there. `label` names whose. */
export type SkillPlace = { path: string; label: string }

/**
 * Personal skill folders, as the agents' own documentation and the installer `skills` (vercel-labs/skills, src/agents.ts,
 * 2026) have them. All are below the home folder on every system: these tools use ~/.config on macOS and Windows too.
 * The shared ~/.agents/skills comes first: several agents link their own folder to it.
 */
const PLACES: readonly (readonly [label: string, path: string])[] = [
  ['Shared by agents', '.agents/skills'],
  ['Shared by agents', '.config/agents/skills'],
  ['Claude Code', '.claude/skills'],
  ['Claude Code plugins', '.claude/plugins/marketplaces'],
  ['Codex', '.codex/skills'],
  ['Gemini CLI', '.gemini/skills'],
  ['Antigravity', '.gemini/antigravity/skills'],
  ['GitHub Copilot', '.copilot/skills'],
  ['Cursor', '.cursor/skills'],
  ['OpenCode', '.config/opencode/skills'],
  ['Goose', '.config/goose/skills'],
  ['Crush', '.config/crush/skills'],
  ['Windsurf', '.codeium/windsurf/skills'],
  ['Droid', '.factory/skills'],
  ['Kiro', '.kiro/skills'],
  ['Junie', '.junie/skills'],
  ['Roo Code', '.roo/skills'],
  ['Kilo Code', '.kilo/skills'],
  ['Continue', '.continue/skills'],
  ['OpenHands', '.openhands/skills'],
  ['OpenClaw', '.openclaw/skills'],
  ['Augment', '.augment/skills'],
  ['Pi', '.pi/agent/skills'],
  ['Qwen Code', '.qwen/skills'],
  ['Grok', '.grok/skills'],
]

/** The candidates for a home folder, in the platform's spelling. Nothing is looked at. */
export function skillPlaces(home: string, platform: NodeJS.Platform): SkillPlace[] {
  const system = platform === 'win32' ? win32 : posix
  return PLACES.map(([label, path]) => ({ label, path: system.join(home, ...path.split('/')) }))
}

/** Skills lie one level below a place, in plugins five; looking no deeper keeps it cheap. */
const DEPTH = 5
/** Where counting stops: a screen says '2,000 and more'. */
const MOST = 2_000
const MOST_FOLDERS = 10_000

/**
 * How many skills lie below a folder (links are not followed, nothing is read but names); 0 when it is missing or
 * cannot be read. Stops at 2,000. Rejects with the signal's reason when cancelled.
 */
export async function countSkills(place: string, signal: AbortSignal): Promise<number> {
  const waiting: { path: string; depth: number }[] = [{ path: place, depth: 0 }]
  let skills = 0
  let looked = 0
  for (let next = waiting.pop(); next && skills < MOST && looked < MOST_FOLDERS; next = waiting.pop()) {
    signal.throwIfAborted()
    looked += 1
    const inside = await look(next.path)
    if (inside.isSkill) skills += 1
    else if (next.depth < DEPTH) for (const path of inside.folders) waiting.push({ path, depth: next.depth + 1 })
  }
  return skills
}

async function look(path: string): Promise<{ isSkill: boolean; folders: string[] }> {
  const folders: string[] = []
  try {
    if (!(await stat(path)).isDirectory()) return { isSkill: false, folders }
    for await (const entry of await opendir(path)) {
      if (!entry.isDirectory()) {
        if (entry.name === 'SKILL.md' || entry.name === 'skill.md') return { isSkill: true, folders: [] }
      } else if (!isLeftOutFolder(entry.name)) folders.push(join(path, entry.name))
    }
  } catch {
    // Missing or closed to us: nothing to offer there.
  }
  return { isSkill: false, folders }
}
