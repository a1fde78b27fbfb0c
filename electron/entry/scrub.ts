import { parentPort, workerData } from 'node:worker_threads'
import { z } from 'zod'
import { scrubFile } from '../library/scrub.ts'

/** Goes through a library in a thread of its own, started by `scrubInWorker`. */
const { file, stop } = z.object({ file: z.string(), stop: z.instanceof(SharedArrayBuffer) }).parse(workerData)
const flag = new Int32Array(stop)
let told = 0

const found = scrubFile(
  file,
  progress => {
    // A slow reader must not be buried under figures.
    if (progress.done < progress.total && performance.now() - told < 50) return
    told = performance.now()
    parentPort?.postMessage({ kind: 'progress', progress })
  },
  () => Atomics.load(flag, 0) === 1,
)
parentPort?.postMessage({ kind: 'found', found })
