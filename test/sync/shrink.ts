import { type History, runHistory } from './history.ts'
import { NO_FAULTS } from './link.ts'
import type { Plan } from './plan.ts'

/**
 * Makes a failing history smaller: leaves out steps, then faults and oddities, as long as something is still wrong. Greedy and
 * bounded; the answer is a plan that fails by itself.
 */
export async function shrink(plan: Plan, most = 400): Promise<{ plan: Plan; history: History }> {
  let runs = 0
  let best = { plan, history: await runHistory(plan) }
  const kind = kindOf(best.history.wrong)
  const fails = async (candidate: Plan): Promise<boolean> => {
    if (++runs > most) return false
    const history = await runHistory(candidate)
    if (kindOf(history.wrong) !== kind) return false
    best = { plan: candidate, history }
    return true
  }
  for (let size = plan.steps.length >> 1; size >= 1; size >>= 1)
    for (let at = 0; at < best.plan.steps.length; ) {
      const { steps } = best.plan
      const less = [...steps.slice(0, at), ...steps.slice(at + size)]
      if (!(await fails({ ...best.plan, steps: less }))) at += size
    }
  await fails({ ...best.plan, faults: NO_FAULTS })
  await fails({ ...best.plan, pageRows: 2_000 })
  await fails({ ...best.plan, machines: best.plan.machines.map(machine => ({ ...machine, clockError: 0 })) })
  await fails({ ...best.plan, machines: best.plan.machines.map(machine => ({ ...machine, joinsAt: 0 })) })
  while (best.plan.machines.length > 2) {
    const machines = best.plan.machines.slice(0, -1)
    const steps = best.plan.steps.filter(step => !('machine' in step) || step.machine < machines.length)
    if (!(await fails({ ...best.plan, machines, steps }))) break
  }
  return best
}

/** What goes wrong, whatever it happens to: so that one fault is not followed into another. */
export const kindOf = ([first]: readonly string[]): string | undefined =>
  first
    ?.replace(/"[^"]*"|null/g, '…')
    .replace(/\b[cr]-[0-9a-z]{6}\b|\b[0-9a-f]{8}\b/g, '…')
    .replace(/^m\d/, 'm')
    .replace(/\d+/g, '…')

/** For a person: what is left of it, and what it leads to. */
export function sayPlan({ machines, people, faults, pageRows, steps, lastsMs }: Plan): string {
  const odds = Object.entries(faults).flatMap(([name, value]) => (value > 0 ? [`${name} ${value}`] : []))
  return [
    `${machines.map(({ person, joinsAt, clockError }, n) => `m${n} of ${people[person]?.name} (${people[person]?.role})${joinsAt ? ` joins at ${joinsAt}` : ''}${clockError ? `, clock off by ${clockError}` : ''}`).join('; ')}`,
    `${lastsMs} ms, ${pageRows} rows a page, ${odds.length > 0 ? odds.join(', ') : 'no faults'}`,
    ...steps.map(step => `  ${JSON.stringify(step)}`),
  ].join('\n')
}
