/**
 * Every stage in traps, in a process of its own, as JSON: `node --import ./traps.ts stage-traps.ts BACKEND` runs what is in training.yaml and stages.yaml, on next to
 * nothing; with `whole` also the large data sets and every loss and divergence.
 */
import { copyFileSync, existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Column, encodeTable, TableSchema } from "@relent/arrow"
import { weightsFile } from "@relent/exchange"
import { initMlp, Model } from "@relent/nn"
import { source } from "@relent/random"
import { CodeReader, Resources, run, type RunEvent, Store } from "@relent/runtime"
import { Plugin, read, registry } from "@relent/stage"
import type { BackendName } from "@relent/tensor"
import { Effect, Layer } from "effect"
import { backendResource } from "../src/backend-resource.ts"
import { builtIn } from "../src/plugins.ts"
import { everyChoice, everyStage } from "./every-stage.ts"
import { loadedWith } from "./module-graph.ts"
import { planted } from "./planted.ts"
import { allTrainings, shortTrainings, type Steps, stepsOf } from "./trainings.ts"
import { drew, free, trappedEntry, trappedParts } from "./trapped.ts"
import { imports, touches } from "./traps.ts"

export interface Watched {
  /** By stage. */
  readonly touches: ReadonlyArray<{ readonly stage: string; readonly what: string; readonly stack: string }>
  readonly ran: ReadonlyArray<string>
  readonly drew: ReadonlyArray<string>
  /** Modules whose code digest isn't of what Node loads with them. */
  readonly code: ReadonlyArray<{
    readonly module: string
    readonly lacks: ReadonlyArray<string>
    readonly extra: ReadonlyArray<string>
  }>
}

const [backend = "wasm", size = "short"] = process.argv.slice(2)
/** In memory, on systems that have such a disk: results are flushed. */
const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "relent traps "))

/** The files that stages.yaml reads. */
const writeFiles = async () => {
  const plugins = join(import.meta.dirname, "../../../plugins")
  copyFileSync(join(plugins, "distillation/pipelines/flowers.csv"), join(folder, "flowers.csv"))
  copyFileSync(join(plugins, "datasets/test/fixtures/small.parquet"), join(folder, "small.parquet"))
  const Images = TableSchema.make("images", 1, {
    id: Column.int32,
    image: Column.tensor("uint8", [4, 4]),
    label: Column.int32,
  })
  const image = Uint8Array.from({ length: 48 }, (_, i) => (i * i * 7) % 251)
  const images = Images.encode(Images.make({ id: [0, 1, 2], image, label: [0, 1, 0] }))
  writeFileSync(join(folder, "small.arrow"), Buffer.concat([...encodeTable(images)]))
  const shape = { widths: [2, 4, 2], members: 1, activation: "relu" } as const
  const parameters = initMlp(shape, source({ seed: 1, stream: "model" }))
  const model = Model.encode({ kind: "mlp", ...shape, input: { dtype: "float32", scale: 1 }, parameters })
  writeFileSync(join(folder, "model.safetensors"), await Effect.runPromise(weightsFile(model)))
}

const reader = new CodeReader()
/** A module whose digest isn't of what Node loads with it. */
const codeOf = (module: string): Watched["code"] => {
  const files = new Set(Object.keys(Effect.runSync(reader.digest(module)).files))
  const loaded = loadedWith(module, imports)
  const lacks = [...loaded].filter((name) => !files.has(name))
  const extra = [...files].filter((name) => !loaded.has(name))
  return lacks.length + extra.length > 0 ? [{ module, lacks, extra }] : []
}

const ran: Array<string> = []
const report = (event: RunEvent) =>
  Effect.sync(() => {
    if (event._tag === "StepFinished") ran.push(event.stage)
  })
const layer = Layer.mergeAll(
  Store.layer(join(folder, "store")),
  Layer.succeed(Resources, { backend: backendResource(backend as BackendName) }),
  registry([...[...builtIn.values(), Plugin.entry(planted)].map(trappedEntry), trappedParts]),
)
const runAll = (stages: Steps) =>
  read("{name: traps, seed: 1, stages: {}}", {
    file: join(folder, "traps.yaml"),
    edit: (document) => ({ ...document, stages }),
  }).pipe(Effect.flatMap((checked) => run(checked, { report })))
const large: Steps = { digits: { stage: "datasets/mnist" }, mails: { stage: "datasets/spam-assassin" } }
const trainings = size === "whole" ? { ...large, ...(await allTrainings()) } : shortTrainings()
const plants: Steps = {
  forbidden: { stage: "planted/forbidden" },
  allowed: { stage: "planted/allowed" },
  effect: { stage: "planted/by-effect" },
}

try {
  await writeFiles()
  // Before anything runs, Node has loaded what modules import, and nothing else.
  const modules = new Set([
    ...everyStage.map(({ definition }) => definition.module),
    ...everyChoice.map(({ module }) => module),
  ])
  const code = [...modules].flatMap(codeOf)
  const all = Effect.andThen(runAll({ ...trainings, ...stepsOf("stages.yaml") }), runAll(plants))
  await Effect.runPromise(free(Effect.provide(all, layer)))
  process.stdout.write(JSON.stringify({ touches, ran, drew: [...drew], code } satisfies Watched))
} finally {
  rmSync(folder, { recursive: true })
}
