/**
 * Memory in a process of its own, as JSON. `training-memory.ts steps BACKEND` runs `training.yaml` and tells of each stage that trains
 * the numbers of tensors and the memory after its first metrics, which are those of step 100, and after its last. `sweep BACKEND`
 * runs a pipeline of fifty seeds, and tells the same after ten of them and after all.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { setFlagsFromString } from "node:v8"
import { runInNewContext } from "node:vm"
import { Resources, run, type RunEvent, Store } from "@relent/runtime"
import { read, registry } from "@relent/stage"
import { Backend, type BackendName, Tensors, tf } from "@relent/tensor"
import { Effect, Layer } from "effect"
import { builtIn } from "../src/plugins.ts"

export interface Seen {
  /** Of the training that it was seen in. */
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
  data: { stage: datasets/two-moons, with: { rows: 200 } }
  teacher: { stage: distillation/train-classifier, in: { data: data.data }, with: { hidden: [32], steps: 50 } }
  logits: { stage: distillation/predict, in: { model: teacher.model, data: data.data } }
  student: { stage: distillation/distil, in: { data: data.data, teacher: logits.logits }, with: { hidden: [16], steps: 50 } }
  score: { stage: distillation/evaluate, in: { model: student.model, data: data.data } }
over: { seed: [${Array.from({ length: 50 }, (_, i) => i + 1).join(", ")}] }
`

const found: Record<string, Array<Seen>> = {}
const look = (of: string, step: number) => void (found[of] ??= []).push(seen(step))
let scores = 0
const report = (event: RunEvent) =>
  Effect.sync(() => {
    if (what === "steps" && event._tag === "StepMetric") look(event.step, Number(event.row["step"]))
    if (what === "sweep" && event._tag === "StepFinished" && event.stage === "distillation/evaluate")
      look("sweep", ++scores)
  })

const folder = mkdtempSync(join(tmpdir(), "relent training "))
const backend = Backend[name as BackendName]
const resource = {
  numerics: Backend.use((b) => Effect.succeed(b.numerics)).pipe(Effect.provide(backend)),
  use: <A, E>(stage: Effect.Effect<A, E, any>) =>
    Backend.use((b) => b.run(stage)).pipe(Effect.provide(backend)) as Effect.Effect<
      A,
      E | { readonly message: string }
    >,
  offers: () => Effect.void,
}
const layer = Layer.mergeAll(
  Store.layer(join(folder, "store")),
  Layer.succeed(Resources, { backend: resource }),
  registry([...builtIn.values()]),
)
const document = what === "sweep" ? sweep : readFileSync(join(import.meta.dirname, "training.yaml"), "utf8")
const program = Effect.flatMap(read(document, {}), (checked) => run(checked, { report, concurrency: 1 }))
try {
  await Effect.runPromise(Effect.provide(program, layer))
  process.stdout.write(JSON.stringify(found))
} finally {
  rmSync(folder, { recursive: true })
}
