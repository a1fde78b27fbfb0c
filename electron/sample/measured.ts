/**
 * `measured.json`: what use and benchmarks gave. Rows are arrays, since there are many; the names of their columns stand
 * beside them in the file.
 */
import { z } from 'zod'

const key = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/)
const number = z.int().min(1)
const daysAgo = z.number().min(0)
const tokens = z.int().min(0).nullable()
const microcents = z.int().min(0).nullable()

export const USAGE_COLUMNS = [
  'version',
  'userKey',
  'tool',
  'daysAgo',
  'modelName',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'costMicrocents',
  'latencyMs',
] as const

/** One use of a skill; modelName null: it was used, and nothing was measured. */
const usageRow = z
  .tuple([
    number,
    key,
    z.enum(['app', 'cli', 'mcp']),
    daysAgo,
    z.string().nullable(),
    tokens,
    tokens,
    tokens,
    tokens,
    microcents,
    z.int().nullable(),
  ])
  .transform(row => ({
    version: row[0],
    userKey: row[1],
    tool: row[2],
    daysAgo: row[3],
    modelName: row[4],
    inputTokens: row[5],
    outputTokens: row[6],
    cacheReadTokens: row[7],
    cacheWriteTokens: row[8],
    costMicrocents: row[9],
    latencyMs: row[10],
  }))

export const RESULT_COLUMNS = [
  'caseKey',
  'modelName',
  'repeat',
  'output',
  'inputTokens',
  'outputTokens',
  'cacheReadTokens',
  'cacheWriteTokens',
  'costMicrocents',
  'latencyMs',
  'qualityScore',
  'errorMessage',
] as const

/** `output`: index into the case's texts in outputs.json, null when the model gave none. */
const resultRow = z
  .tuple([
    key,
    z.string(),
    number,
    z.int().min(0).max(2).nullable(),
    tokens,
    tokens,
    tokens,
    tokens,
    microcents,
    z.int().nullable(),
    z.number().min(0).max(100).nullable(),
    z.string().nullable(),
  ])
  .transform(row => ({
    caseKey: row[0],
    modelName: row[1],
    repeat: row[2],
    output: row[3],
    inputTokens: row[4],
    outputTokens: row[5],
    cacheReadTokens: row[6],
    cacheWriteTokens: row[7],
    costMicrocents: row[8],
    latencyMs: row[9],
    qualityScore: row[10],
    errorMessage: row[11],
  }))

const run = z
  .object({
    key,
    /** 'baseline': the same cases without the skill. */
    version: z.union([number, z.literal('baseline')]),
    caseSet: z.string(),
    judge: key,
    /** SHA-256 of the judge's prompt, lowercase hex. */
    judgePromptHash: z.string().regex(/^[0-9a-f]{64}$/),
    priceTableDate: z.iso.date(),
    repeats: number,
    models: z.array(z.string()),
    status: z.enum(['completed', 'failed', 'cancelled']),
    triggeredBy: key,
    daysAgo,
    results: z.array(resultRow),
  })
  .strict()

export const measuredFile = z
  .object({
    usageColumns: z.array(z.enum(USAGE_COLUMNS)),
    usage: z.array(usageRow),
    resultColumns: z.array(z.enum(RESULT_COLUMNS)),
    runs: z.array(run),
  })
  .strict()
