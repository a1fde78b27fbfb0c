import { visible } from '../shared/domain/visible.ts'

/**
 * What the processes around the app say in the terminal: what went wrong, with its reason, and with WHETSTONE_VERBOSE
 * set each step as well.
 */
export function terminalLog(env: NodeJS.ProcessEnv): (line: string, reason?: string) => void {
  return (line, reason) => {
    if (reason !== undefined) console.error(visible(`${line}: ${reason}`))
    else if (env.WHETSTONE_VERBOSE) console.error(visible(line))
  }
}
