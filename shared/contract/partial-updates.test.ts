import { isContractProcedure } from '@orpc/contract'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { appContract } from './index.ts'

/** Every method's name with the fields of its input. */
function inputsOf(router: object, path: string[] = []): { name: string; fields: [string, z.core.$ZodType][] }[] {
  return Object.entries(router).flatMap(([key, value]) => {
    const at = [...path, key]
    if (!isContractProcedure(value)) return typeof value === 'object' && value !== null ? inputsOf(value, at) : []
    const schema = value['~orpc'].inputSchema
    return schema instanceof z.ZodObject ? [{ name: at.join('.'), fields: Object.entries(schema.shape) }] : []
  })
}

const hasDefault = (schema: z.core.$ZodType): boolean =>
  schema instanceof z.ZodDefault || schema instanceof z.ZodPrefault
    ? true
    : schema instanceof z.ZodOptional || schema instanceof z.ZodNullable
      ? hasDefault(schema.unwrap())
      : false

/** Methods that read or act, so that a default of theirs overwrites nothing that is stored. */
const ACTS = new Set(['benchmarks.resume', 'triggerTests.run', 'triggerTests.plan'])

test('no input that changes something stored brings a default for what was left out', () => {
  const inputs = inputsOf(appContract)
  expect(inputs.map(one => one.name)).toEqual(
    expect.arrayContaining(['settings.set', 'providers.save', 'cases.update']),
  )
  const defaults = inputs
    .filter(({ name, fields }) => !ACTS.has(name) && fields.some(([field]) => field === 'id' || field === 'resultId'))
    .flatMap(({ name, fields }) =>
      fields.filter(([, schema]) => hasDefault(schema)).map(([field]) => `${name} ${field}`),
    )
  expect(defaults).toEqual([])
})

test('no field that may be left out has a default behind it, which `partial()` keeps', () => {
  const hidden = inputsOf(appContract).flatMap(({ name, fields }) =>
    fields
      .filter(([, schema]) => schema instanceof z.ZodOptional && hasDefault(schema.unwrap()))
      .map(([field]) => `${name} ${field}`),
  )
  expect(hidden).toEqual([])
})
