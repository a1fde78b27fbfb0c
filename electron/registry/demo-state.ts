import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { codeOf } from './folder-failures.ts'

/**
 * What the demo registry keeps between runs beside its data, so that an invite goes on working: `demo.json`, readable by
 * its owner alone. (The database keeps its own password beside its cluster.)
 */
const port = z.int().min(1).max(65_535)
const demoState = z.object({
  format: z.literal(1),
  bucket: z.object({ bucket: z.string(), accessKeyId: z.string(), secretAccessKey: z.string() }),
  ports: z.object({ database: port, storage: port }).optional(),
  invite: z.string().optional(),
  /** Who ran it last. */
  pid: z.int().optional(),
})
export type DemoState = z.infer<typeof demoState>

const fileIn = (folder: string): string => join(folder, 'demo.json')

/** Undefined where there was no demo yet; 'unreadable' where its file is there and cannot be understood. */
export function readDemoState(folder: string): DemoState | 'unreadable' | undefined {
  try {
    const parsed = demoState.safeParse(JSON.parse(readFileSync(fileIn(folder), 'utf8')))
    return parsed.success ? parsed.data : 'unreadable'
  } catch (error) {
    return codeOf(error) === 'ENOENT' ? undefined : 'unreadable'
  }
}

/** Whole or not at all. */
export function writeDemoState(folder: string, state: DemoState): void {
  const file = fileIn(folder)
  writeFileSync(`${file}.new`, `${JSON.stringify(state, null, 2)}\n`, { mode: 0o600 })
  renameSync(`${file}.new`, file)
}

/** The folder, closed to others; it holds a key and a password. */
export function makeDemoFolder(folder: string): void {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  chmodSync(folder, 0o700)
}

/** A bucket whose name cannot be guessed: the simulator reads from a bucket for anybody here who knows its name. */
export const newDemoState = (): DemoState => ({
  format: 1,
  bucket: {
    bucket: `demo-${randomBytes(16).toString('hex')}`,
    accessKeyId: randomBytes(16).toString('hex'),
    secretAccessKey: randomBytes(32).toString('hex'),
  },
})
