import { once } from 'node:events'
import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { CASE_FORMS, RESULT_FORMS } from '../interchange/case-forms.ts'
import type { FromReader } from '../interchange/read-apart.ts'
import { type ReadTask, readCaseFile, readResultFile, takeOut } from '../interchange/read-task.ts'

/** Reads one file of cases or results in a process or a thread of its own, started by `readApart`. */
const source = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('path'), path: z.string() }),
  z.object({ kind: z.literal('bytes'), name: z.string(), base64: z.string() }),
])
const task = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('cases'), source, home: z.string(), form: z.enum(CASE_FORMS).optional() }),
  z.object({ kind: z.literal('results'), source, home: z.string(), form: z.enum(RESULT_FORMS).optional() }),
])

// Whoever asked may be gone before it has an answer.
process.once('disconnect', () => process.exit())
const given: unknown = parentPort === null ? (await once(process, 'message'))[0] : workerData
const { answer, moved } = answerTo(given)
if (parentPort) parentPort.postMessage(answer, moved)
else process.send?.(answer)

function answerTo(raw: unknown): { answer: FromReader<ReadTask['kind']>; moved: ArrayBuffer[] } {
  try {
    const asked = task.parse(raw)
    const read =
      asked.kind === 'cases'
        ? readCaseFile({ ...asked, form: asked.form })
        : readResultFile({ ...asked, form: asked.form })
    return { answer: { read }, moved: read.ok ? takeOut(read.cases) : [] }
  } catch (error) {
    return { answer: { failed: error instanceof Error ? error.message : String(error) }, moved: [] }
  }
}
