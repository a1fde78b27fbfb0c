import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { dirname } from 'node:path'
import { z } from 'zod'

/** Where the window was, and how it looked; kept beside the library, so that each library's window finds its place. */
const bounds = z.object({ x: z.int(), y: z.int(), width: z.int().min(1), height: z.int().min(1) })
export type Bounds = z.infer<typeof bounds>

const shape = z.object({
  bounds: bounds.optional(),
  maximized: z.boolean().default(false),
  /** Known before the library is open, so that the first thing seen is not of the wrong colour. */
  colorScheme: z.enum(['auto', 'light', 'dark']).default('auto'),
})
export type WindowState = z.infer<typeof shape>

export const MINIMUM = { width: 760, height: 480 } as const
const USUAL = { width: 1280, height: 820 } as const
/** So much of the title bar must lie on a screen for the window to be taken hold of. */
const GRIP = { width: 120, height: 32 } as const

/** What was kept; the usual state where nothing was, or where it makes no sense. */
export function readWindowState(file: string): WindowState {
  try {
    return shape.parse(JSON.parse(readFileSync(file, 'utf8')))
  } catch {
    return shape.parse({})
  }
}

/** Where it cannot be written, the window opens at its usual place next time. */
export function writeWindowState(file: string, state: WindowState): void {
  try {
    mkdirSync(dirname(file), { recursive: true, mode: 0o700 })
    writeFileSync(`${file}.new`, JSON.stringify(state), { mode: 0o600 })
    renameSync(`${file}.new`, file)
  } catch {
    // Not worth a word.
  }
}

/**
 * Where to open: as kept where that can be seen and taken hold of, else in the middle of the first display.
 *
 * @param displays the work areas of the displays that are there now, the first one first.
 */
export function placeWindow(kept: Bounds | undefined, displays: readonly Bounds[]): Partial<Bounds> {
  const fits = (area: Bounds) => ({
    width: Math.max(MINIMUM.width, Math.min(kept?.width ?? USUAL.width, area.width)),
    height: Math.max(MINIMUM.height, Math.min(kept?.height ?? USUAL.height, area.height)),
  })
  const reachable = kept && displays.find(area => overlaps({ ...kept, height: GRIP.height }, area))
  if (kept && reachable) return { ...fits(reachable), x: kept.x, y: kept.y }
  const [first] = displays
  return first ? fits(first) : { ...USUAL }
}

function overlaps(bar: Bounds, area: Bounds): boolean {
  const width = Math.min(bar.x + bar.width, area.x + area.width) - Math.max(bar.x, area.x)
  const height = Math.min(bar.y + bar.height, area.y + area.height) - Math.max(bar.y, area.y)
  return width >= GRIP.width && height >= GRIP.height
}
