/**
 * Memory in a process of its own, as JSON. `training-memory.ts steps BACKEND` runs `training.yaml` and tells of each stage that trains
 * the numbers of tensors and the memory at each of its metrics. `sweep BACKEND`
 * runs a pipeline with fifty seeds, one after the other in one store, and tells the same after each.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Resources, run, type RunEvent, Store } from "@relent/runtime"
import { read, registry } from "@relent/stage"
import { type BackendName, Tensors, tf } from "@relent/tensor"
import { Effect, Layer } from "effect"
import { backendResource } from "../src/backend-resource.ts"
import { builtIn } from "../src/plugins.ts"

export interface Seen {
  /** Of the training that it was seen in, or runs of the sweep so far. */
  readonly step: number
  readonly tensors: number
  /** MiB of the process. */
  readonly resident: number
}

const [what = "", name = ""] = process.argv.slice(2)
setFlagsFromString("--expose-gc")
const collect = runInNewContext("gc") as () => void
const seen = (step: number): Seen => {
  collect()
  // TensorFlow counts its own; before a backend is open there is none.
  const binding =
    tf.engine().backendName === "" ? undefined : (tf.backend() as { binding?: { getNumOfTensors(): number } }).binding
  const tensors = Tensors.count() + (binding?.getNumOfTensors() ?? 0)
  return { step, tensors, resident: process.memoryUsage().rss / 2 ** 20 }
}

const sweep = `name: sweep
seed: 1
stages:
  data: { stage: datasets/two-moons, with: { rows: 100 } }
  teacher: { stage: distillation/train-classifier, in: { data: data.data }, with: { hidden: [32], steps: 20 } }
  logits: { stage: distillation/predict, in: { model: teacher.model, data: data.data } }
  student: { stage: distillation/distil, in: { data: data.data, teacher: logits.logits }, with: { hidden: [16], steps: 20 } }
  score: { stage: distillation/evaluate, in: { model: student.model, data: data.data } }
`

const found: Record<string, Array<Seen>> = {}
const look = (of: string, step: number) => void (found[of] ??= []).push(seen(step))
const report = (event: RunEvent) =>
  Effect.sync(() => {
    if (event._tag === "StepMetric") look(event.step, Number(event.row["step"]))
  })

const folder = mkdtempSync(join(tmpdir(), "relent training "))
const layer = Layer.mergeAll(
  Store.layer(join(folder, "store")),
  Layer.succeed(Resources, { backend: backendResource(name as BackendName) }),
  registry([...builtIn.values()]),
)
const training = Effect.flatMap(read(readFileSync(join(import.meta.dirname, "training.yaml"), "utf8")), (checked) =>
  run(checked, { report, concurrency: 1 }),
)
const seeds = Array.from({ length: 50 }, (_, i) => i + 1)
const runs = Effect.forEach(seeds, (seed) =>
  read(sweep, { edit: (document) => ({ ...document, seed }) }).pipe(
    Effect.flatMap((checked) => run(checked)),
    Effect.map(() => look("sweep", seed)),
  ),
)
const program: Effect.Effect<unknown, unknown, any> = what === "sweep" ? runs : training
try {
  await Effect.runPromise(Effect.provide(program, layer) as Effect.Effect<unknown, unknown>)
  process.stdout.write(JSON.stringify(found))
} finally {
  rmSync(folder, { recursive: true })
}
