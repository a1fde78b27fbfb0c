import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { CASE_FORMS, RESULT_FORMS } from '../interchange/case-forms.ts'
import { readCaseFile, readResultFile, takeOut } from '../interchange/read-task.ts'

/** Reads one file of cases or results in a thread of its own, started by `readInWorker`. */
const source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path: z.string() }),
  z.object({ kind: z.literal('bytes'), name: z.string(), base64: z.string() }),
])
const task = z
  .discriminatedUnion('kind', [
    z.object({ kind: z.literal('cases'), source, home: z.string(), form: z.enum(CASE_FORMS).optional() }),
    z.object({ kind: z.literal('results'), source, home: z.string(), form: z.enum(RESULT_FORMS).optional() }),
  ])
  .parse(workerData)

const read =
  task.kind === 'cases' ? readCaseFile({ ...task, form: task.form }) : readResultFile({ ...task, form: task.form })
parentPort?.postMessage(read, read.ok ? takeOut(read.cases) : [])
