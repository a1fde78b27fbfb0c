#!/usr/bin/env node
// @ts-check
// The `whetstone` command, wherever it is installed: the built command line where there is one (packages hold no
// TypeScript that Node would run), the sources beside it otherwise, under a Node that is new enough.
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findNode, ROOT } from './find-node.mjs'

const built = join(ROOT, 'out', 'main', 'cli.js')
const script = existsSync(built) ? built : join(ROOT, 'electron', 'entry', 'cli.ts')
const { status, signal } = spawnSync(findNode(), [script, ...process.argv.slice(2)], { stdio: 'inherit' })
process.exit(status ?? (signal === 'SIGINT' ? 130 : 2))
