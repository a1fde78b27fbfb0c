import { ORPCError } from '@orpc/client'
import { expect, test } from 'vitest'
import type { ImportReport } from '../../shared/contract/imports.ts'
import { percentOf, sayBriefly, sayImportFailure, sayProgress, sayReport } from './import-words.ts'

const report: ImportReport = {
  source: { kind: 'git', path: '/r' },
  skillsAdded: 484,
  skillsUpdated: 0,
  skillsUnchanged: 0,
  versionsAdded: 3562,
  skipped: [],
  skills: [],
  cancelled: false,
}

test('a report in one sentence leaves out what is none', () => {
  expect(sayReport(report)).toBe('484 skills added, 3,562 versions in all.')
  expect(sayReport({ ...report, skillsAdded: 0, versionsAdded: 0, skillsUnchanged: 484 })).toBe('484 already here.')
  expect(sayReport({ ...report, skillsAdded: 0, versionsAdded: 0 })).toBe('Nothing was added.')
})

test('progress is a share only where the whole is known', () => {
  const step = { phase: 'reading', done: 120, total: 484, what: 'a' } as const
  expect([sayProgress(step), Math.round(percentOf(step) ?? 0)]).toEqual(['Reading: 120 of 484', 25])
  expect([sayProgress({ ...step, total: null }), percentOf({ ...step, total: null })]).toEqual([
    'Reading: 120',
    undefined,
  ])
  expect([sayProgress(undefined), percentOf(undefined)]).toEqual(['Starting…', undefined])
  expect(percentOf({ ...step, done: 500 })).toBe(100)
  expect([step, { ...step, total: null }, undefined].map(sayBriefly)).toEqual([
    'Importing, 24%',
    'Importing, 120',
    'Importing…',
  ])
})

test('a failure the contract names says what to do; its reason is said', () => {
  const failure = (code: string, data: unknown) =>
    sayImportFailure(new ORPCError(code, { defined: true, data, message: 'A message.' }))
  expect(failure('SOURCE_UNREADABLE', { path: '/x', reason: 'It does not exist.' }).happened).toBe('It does not exist.')
  expect(failure('GIT_MISSING', { path: '/x' }).todo).toContain('Install git')
  expect(failure('LATER_CODE', {}).happened).toBe('A message.')
  expect(sayImportFailure(new Error('boom')).happened).toBe('Something went wrong: boom')
})
