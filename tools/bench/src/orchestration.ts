/**
 * What the runtime itself costs: 200 stages that do nothing, cold and from the store. The baseline is what no store can save: three
 * files a stage (table, index, record), each written, flushed and renamed.
 */
import { closeSync, fsyncSync, mkdtempSync, openSync, renameSync, rmSync, writeSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Column, TableSchema } from "@relent/arrow"
import { Resources, run, Store } from "@relent/runtime"
import { check, Pipeline, registry, Stage } from "@relent/stage"
import { Effect, Layer } from "effect"

const One = TableSchema.make("bench/one", 1, { one: Column.int32 })
const start = Stage.make("bench/start", {
  module: import.meta.url,
  title: "One row",
  outputs: { one: One },
  *run() {
    return { one: One.make({ one: [0] }) }
  },
})
const next = Stage.make("bench/next", {
  module: import.meta.url,
  title: "The same row and one",
  inputs: { one: One },
  outputs: { one: One },
  *run({ inputs: { one } }) {
    return { one: One.make({ one: one.columns.one.map((v) => v + 1) }) }
  },
})

const stages = 200
const pipeline = () => {
  let { one } = start()
  for (let i = 1; i < stages; i++) ({ one } = next.as(`next-${i}`)({ one }))
  return Pipeline.make({ name: "bench", seed: 1, outputs: { one } })
}

const time = async (store: string) => {
  const begin = performance.now()
  const layer = Layer.mergeAll(Store.layer(store), Layer.succeed(Resources, {}), registry([]))
  await Effect.runPromise(
    Effect.provide(
      Effect.flatMap(check(pipeline()), (plan) => run(plan)),
      layer,
    ),
  )
  return (performance.now() - begin) / stages
}

/** ms for three flushed files. */
const files = (folder: string) => {
  const begin = performance.now()
  for (let i = 0; i < stages * 3; i++) {
    const file = openSync(join(folder, "draft"), "wx")
    writeSync(file, Buffer.alloc(500))
    fsyncSync(file)
    closeSync(file)
    renameSync(join(folder, "draft"), join(folder, String(i)))
  }
  return (performance.now() - begin) / stages
}

const times: ReadonlyArray<Array<number>> = [[], [], []]
for (let i = 0; i < 4; i++) {
  const [store, folder] = [mkdtempSync(join(tmpdir(), "relent-bench-")), mkdtempSync(join(tmpdir(), "relent-bench-"))]
  times[0]!.push(files(folder))
  times[1]!.push(await time(store))
  times[2]!.push(await time(store))
  for (const made of [store, folder]) rmSync(made, { recursive: true })
}
const [flushed, cold, cached] = times.map((all) => Math.min(...all)) as [number, number, number]
console.log(
  `${stages} stages: ${cold.toFixed(2)} ms a stage cold (aim 5), ${(cold / flushed).toFixed(1)} times three flushed files; ${cached.toFixed(2)} ms cached (aim 0.5); best of 4`,
)
