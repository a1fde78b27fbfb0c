import { getTableColumns } from 'drizzle-orm'
import type { PgTable } from 'drizzle-orm/pg-core'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { MEMBER_ROLES } from '../../electron/registry/members.ts'
import * as synced from '../../electron/registry/schema.ts'
import * as measured from '../../electron/registry/schema-measured.ts'
import { caseRow } from '../../shared/contract/cases.ts'
import { feedbackRow } from '../../shared/contract/feedback.ts'
import { measuredResult, measuredRun } from '../../shared/contract/measurements.ts'
import { ratingRow } from '../../shared/contract/ratings.ts'
import { registryMember } from '../../shared/contract/registries.ts'
import { skillDetail } from '../../shared/contract/skills.ts'
import { versionDetail } from '../../shared/contract/versions.ts'

/**
 * The contract's rows against the tables they are read from (which schema.test.ts holds against Postgres and against the
 * library's): each field that is a column may be null where the column may, is a whole number, a number or a text as the
 * column is, and takes the column's values and no others. A field that is no column is named here, so that none can be
 * added unseen.
 */
type Twin = {
  name: string
  table: PgTable
  row: z.ZodObject
  /** Fields of the contract whose column has another name than theirs in snake_case. */
  columns?: Record<string, string>
  /** Joined, counted, parsed, or known to this computer alone. */
  derived: string[]
  /** Fields that are stricter or looser than their column, each with the reason. */
  apart?: Record<string, string>
}

const TWINS: readonly Twin[] = [
  {
    name: 'a rating',
    table: synced.ratings,
    row: ratingRow,
    columns: { versionId: 'skill_version_id', hoursSaved: 'hours_saved_estimate' },
    derived: ['versionNumber', 'userName', 'mine', 'waiting'],
  },
  {
    name: 'feedback',
    table: synced.skillFeedback,
    row: feedbackRow,
    columns: { versionId: 'skill_version_id', type: 'feedback_type' },
    derived: ['skillName', 'versionNumber', 'userName'],
  },
  {
    name: 'a skill',
    table: synced.skills,
    row: skillDetail,
    columns: { costMicrocents: 'avg_token_cost_microcents' },
    derived: [
      'tags',
      'newest',
      'published',
      'versions',
      'changed',
      'checks',
      'tokens',
      'quality',
      'snippet',
      'authorName',
      'forkedFrom',
      'origin',
      'mine',
    ],
  },
  {
    name: 'a version',
    table: synced.skillVersions,
    row: versionDetail,
    columns: { number: 'version', parentId: 'parent_version_id', mergedId: 'merged_version_id' },
    derived: [
      'author',
      'claimed',
      'elsewhere',
      'mine',
      'published',
      'averageRating',
      'totalRatings',
      'files',
      'tokens',
      'skillName',
      'sourceRef',
    ],
    apart: { number: 'null in the library until the registry numbers it' },
  },
  {
    name: 'a run',
    table: measured.benchmarkRuns,
    row: measuredRun,
    columns: { versionId: 'skill_version_id' },
    derived: [
      'label',
      'versionNumber',
      'baseline',
      'models',
      'alike',
      'results',
      'unjudged',
      'failed',
      'quality',
      'passRate',
      'costMicrocents',
      'latencyMs',
      'source',
    ],
  },
  {
    name: 'a result',
    table: measured.benchmarkResults,
    row: measuredResult,
    columns: {
      model: 'model_name',
      provider: 'model_provider',
      input: 'input_used',
      output: 'output_produced',
      expected: 'expected_output',
      costMicrocents: 'estimated_cost_microcents',
      quality: 'quality_score',
      notes: 'quality_notes',
      error: 'error_message',
    },
    derived: ['ungraded', 'runLabel', 'caseName', 'assertions'],
    apart: { latencyMs: 'a number, as the middle ones of many are' },
  },
  {
    name: 'a case',
    table: measured.benchmarkCases,
    row: caseRow,
    columns: { feedbackId: 'source_feedback_id' },
    derived: ['content', 'archived', 'results'],
  },
  {
    name: 'what a case says',
    table: measured.benchmarkCases,
    row: caseRow.shape.content,
    derived: ['assertions', 'files', 'tags'],
  },
]

const snake = (field: string) => field.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)

describe.each(TWINS)('$name', ({ table, row, columns = {}, derived, apart = {} }) => {
  const byName = new Map(Object.values(getTableColumns(table)).map(column => [column.name, column]))
  const fields = Object.entries(row.shape).filter(([field]) => !derived.includes(field))
  const taken = (field: z.core.$ZodType, value: unknown) => z.safeParse(field, value).success

  test('names what is no column, and nothing that is not there', () => {
    expect(Object.keys(row.shape)).toEqual(expect.arrayContaining([...derived, ...Object.keys(columns)]))
    expect(fields.length).toBeGreaterThan(0)
  })

  test.each(fields)('%s is as its column is', (field, type) => {
    const column = byName.get(columns[field] ?? snake(field))
    if (!column) throw new Error(`${field} is no column: name the one it is read from, or say that it is derived`)
    const sqlType = column.getSQLType()
    const isNumber = /^(bigint|integer|double precision)$/.test(sqlType)
    const mayBeNull = !column.notNull && !column.primary && field !== 'id'
    if (apart[field] === undefined) {
      expect(taken(type, null), 'null').toBe(mayBeNull)
      if (isNumber) expect(taken(type, 1.5), 'a fraction').toBe(sqlType === 'double precision')
    }
    expect(taken(type, 1), 'a number').toBe(isNumber)
    const values = column.enumValues
    if (!values) return expect(taken(type, 'x'), 'a text').toBe(!isNumber)
    for (const value of values) expect(taken(type, value), value).toBe(true)
    for (const other of ['', 'x', ...values.map(value => value.toUpperCase())])
      expect(taken(type, other), other).toBe(false)
  })
})

test('roles are the same for members, users and the contract', () => {
  expect(registryMember.shape.role.options).toEqual([...MEMBER_ROLES])
  expect(getTableColumns(synced.users).role.enumValues).toEqual([...MEMBER_ROLES])
})
