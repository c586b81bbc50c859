/** A small run with everything a page shows: a sweep over arms and seeds, metrics, images, a chart of its own, hostile text. */
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Column, TableSchema } from "@relent/arrow"
import { type Manifest, Resources, run, Store } from "@relent/runtime"
import { check, collect, over, Pipeline, registry, Stage } from "@relent/stage"
import type { Outcome } from "@relent/suite"
import { Effect, Layer, Schema } from "effect"
import { chartKey, type JudgedSuite, readTables } from "../src/index.ts"

/** What would run, or break the page, if it weren't kept as text. */
export const hostile = `</script><script>window.hacked = 1</script><img src=x onerror="window.hacked=2">&amp;'"\u0000\u2028`

const Images = TableSchema.make("toy/images", 1, {
  id: Column.int32,
  image: Column.tensor("uint8", [8, 8]),
  note: Column.utf8,
})
export const images = Stage.make("toy/images", {
  module: import.meta.url,
  title: "Images",
  outputs: { images: Images },
  *run() {
    const id = Int32Array.from({ length: 70 }, (_, i) => i)
    const image = Uint8Array.from({ length: 70 * 64 }, (_, i) => (i * 7) % 256)
    return { images: Images.make({ id, image, note: Array.from(id, (i) => (i === 0 ? hostile : `note ${i}`)) }) }
  },
})

const Points = TableSchema.make("toy/points", 1, { x: Column.float64, y: Column.float64 })
const spec = {
  description: "Points on a parabola.",
  mark: "point",
  encoding: { x: { field: "x", type: "quantitative" }, y: { field: "y", type: "quantitative" } },
}
export const train = Stage.make("toy/train", {
  module: import.meta.url,
  title: "A training",
  parameters: { divergence: Schema.String },
  uses: ["random"],
  inputs: { images: Images },
  outputs: { points: Points },
  metrics: { loss: Column.float64 },
  *run({ parameters: { divergence }, random, emit }) {
    const draws = random("noise")
    for (let step = 0; step <= 50; step += 10)
      yield* emit({ step, loss: 1 / (1 + step) + (divergence === "kl" ? 0 : 1) + 0.01 * draws.uniform() })
    const x = Array.from({ length: 12 }, (_, i) => i / 2)
    return {
      points: Points.make({ x, y: x.map((v) => v * v) }, { metadata: { [chartKey]: JSON.stringify(spec) } }),
    }
  },
})

export const pipeline = (arms: ReadonlyArray<string> = ["kl", hostile]) => {
  const data = images()
  const sweep = over({ divergence: arms, seed: [1, 2] }, ({ divergence }) =>
    train({ images: data.images }, { divergence }),
  )
  const points = collect(sweep, (one) => one.points)
  return Pipeline.make({ name: "toy", seed: 1, outputs: { images: data.images, points } })
}

export const inStore = <A, E>(store: string, effect: Effect.Effect<A, E, any>): Promise<A> =>
  Effect.runPromise(
    effect.pipe(
      Effect.provide(Layer.mergeAll(Store.layer(store), Layer.succeed(Resources, {}), registry([]))),
    ) as Effect.Effect<A, E>,
  )

/** A store of a test, removed by the caller. */
export const newStore = () => {
  const folder = mkdtempSync(join(tmpdir(), "relent report "))
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) }
}

export const runToy = (store: string, of = pipeline()): Promise<Manifest> =>
  inStore(
    store,
    Effect.flatMap(check(of), (checked) => run(checked)),
  )

export const tablesOf = (store: string, manifest: Manifest) => inStore(store, readTables(manifest))

export const outcome = (more: Partial<Outcome> = {}): Outcome => ({
  suite: "toy",
  claim: "lower",
  statement: `kl ends lower. ${hostile}`,
  source: "key",
  metric: "loss",
  test: { less: ["kl", "other"] },
  values: { kl: [0.02, 0.03, 0.025], other: [1.02, 1.01, 1.03] },
  verdict: "reproduced",
  recorded: "reproduced",
  expected: undefined,
  interval: { mean: 0.995, low: 0.84, high: 1.15 },
  seeds: 3,
  wins: 3,
  judged: [1, 0.98, 1.005],
  wanted: { above: 0 },
  ...more,
})

export const judged = (outcomes: ReadonlyArray<Outcome> = [outcome()]): JudgedSuite => ({
  suite: "toy",
  source: "key",
  size: "full",
  seeds: [1, 2, 3],
  outcomes,
})
