import fs from 'node:fs/promises'
import path from 'node:path'
import { folderNameOf } from '../../shared/domain/folder-name.ts'
import { type FolderFile, SafeFolder } from '../safe-folder.ts'

export type AgentFile = FolderFile
export type AgentTask = {
  prompt: string
  /** Each below the layout's folder; `name` is the skill's slug. */
  skills: { name: string; files: AgentFile[] }[]
  /** Beside the layout's folder. */
  files: AgentFile[]
}

/**
 * A fresh folder for one run of an agent's command: the skills where it looks for them, the case's files beside. All of it may
 * be a colleague's, so it goes through the one door to the disk (safe-folder.ts), and no slug decides where.
 */
export async function openWorkspace(tempDir: string): Promise<string> {
  return fs.mkdtemp(path.join(tempDir, 'whetstone-agent-'))
}

/** Why it cannot be laid, in words; undefined when it is. */
export async function layWorkspace(folder: string, layout: string, task: AgentTask): Promise<string | undefined> {
  const root = await SafeFolder.open(folder)
  if ('ok' in root) return root.message
  try {
    const all = [
      ...task.skills.flatMap(skill =>
        skill.files.map(file => ({ ...file, path: `${layout}/${folderNameOf(skill.name)}/${file.path}` })),
      ),
      ...task.files,
    ]
    for (const file of all) {
      const failed = await root.write(file, { replace: false })
      if (failed) return failed.message
    }
    return undefined
  } finally {
    await root.close()
  }
}

export async function removeWorkspace(folder: string): Promise<void> {
  const options = { recursive: true, force: true, maxRetries: 5, retryDelay: 50 }
  try {
    await fs.rm(folder, options)
  } catch {
    // What the agent made may be closed to its owner, as caches of packages are.
    await openUp(folder)
    await fs.rm(folder, options)
  }
}

async function openUp(folder: string): Promise<void> {
  await fs.chmod(folder, 0o700)
  for (const entry of await fs.readdir(folder, { withFileTypes: true }))
    if (entry.isDirectory()) await openUp(path.join(folder, entry.name))
}
