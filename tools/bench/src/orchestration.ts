/** What the runtime itself costs: 200 stages that do nothing, cold and from the store. */
import { mkdtempSync, rmSync } from "node:fs"
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

const cold: Array<number> = []
const cached: Array<number> = []
for (let i = 0; i < 4; i++) {
  const store = mkdtempSync(join(tmpdir(), "relent-bench-"))
  cold.push(await time(store))
  cached.push(await time(store))
  rmSync(store, { recursive: true })
}
const best = (times: ReadonlyArray<number>) => Math.min(...times).toFixed(2)
console.log(
  `${stages} stages: ${best(cold)} ms a stage cold (aim 5), ${best(cached)} ms cached (aim 0.5); best of ${cold.length}`,
)
