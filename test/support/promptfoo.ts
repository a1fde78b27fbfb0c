import { execFileSync } from 'node:child_process'
import fs from 'node:fs'
import path from 'node:path'

/**
 * promptfoo itself, where its entry point is named in the environment. It is no dependency: 860 packages and 2.4 GB with what
 * it takes along (380 and 290 MB without its optional parts, which npm cannot leave out here and take elsewhere). To make
 * test/fixtures/promptfoo anew: `npm i promptfoo@0.123.1 --omit=optional @libsql/linux-x64-gnu@0.5.29` in an empty folder and
 * `WHETSTONE_TEST_PROMPTFOO=…/node_modules/promptfoo/dist/src/entrypoint.js`.
 */
export const promptfooEntry = process.env.WHETSTONE_TEST_PROMPTFOO
export const noPromptfoo =
  promptfooEntry === undefined ? 'WHETSTONE_TEST_PROMPTFOO does not name its entry point' : undefined

/** Evaluates a configuration in a folder of the test's own, without network, telemetry or cache; answers the output's text. */
export function runPromptfoo(folder: string, config: string, more: string[] = []): string {
  fs.writeFileSync(path.join(folder, 'promptfooconfig.yaml'), config)
  const env = {
    PATH: process.env.PATH,
    HOME: folder,
    PROMPTFOO_CONFIG_DIR: path.join(folder, 'config'),
    PROMPTFOO_DISABLE_TELEMETRY: '1',
    PROMPTFOO_DISABLE_UPDATE: '1',
    PROMPTFOO_DISABLE_REMOTE_GENERATION: '1',
    PROMPTFOO_DISABLE_SHARING: '1',
    // Its own exit code for failed tests.
    PROMPTFOO_FAILED_TEST_EXIT_CODE: '0',
  }
  const args = [promptfooEntry ?? '', 'eval', '-c', 'promptfooconfig.yaml', '-o', 'results.json', '--no-cache', ...more]
  execFileSync(process.execPath, args, { cwd: folder, env, stdio: 'pipe' })
  return fs.readFileSync(path.join(folder, 'results.json'), 'utf8')
}
