/** A small family of stages for the tests: blobs, a classifier, its accuracy. */
import { Column, TableSchema } from "@relent/arrow"
import { Named } from "@relent/named"
import { Effect, Schema } from "effect"
import { Plugin, Port, Stage, StageError } from "../src/index.ts"

const Count = Schema.Int.check(Schema.isGreaterThan(0))
export const Reward = Named.kind<(x: number) => number>("reward")
export const square = Reward.define(import.meta.url, "toy/square", 1, (x) => x * x)

export const Labelled = TableSchema.make("toy/labelled", 1, {
  x: Column.tensor("float32", ["features"]),
  label: Column.int32,
})
export const Score = TableSchema.make("toy/score", 1, { score: Column.float64 })

export const blobs = Stage.make("toy/blobs", {
  module: import.meta.url,
  title: "Gaussian blobs",
  uses: ["random"],
  parameters: {
    rows: Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(6))),
    features: Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(2))),
  },
  outputs: { data: Labelled },
  sizes: ({ features }) => ({ features }),
  *run({ parameters: { rows, features }, random }) {
    const label = Int32Array.from({ length: rows }, (_, i) => i % 2)
    return { data: Labelled.make({ x: random("x").normals(rows * features), label }) }
  },
})

export const scale = Stage.make("toy/scale", {
  module: import.meta.url,
  title: "A score of a table",
  parameters: {
    by: Schema.Finite.check(Schema.isGreaterThan(0)).pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
    options: Schema.Struct({ power: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))) }).pipe(
      Schema.withDecodingDefaultKey(Effect.succeed({})),
    ),
    reward: Schema.optionalKey(Reward.parameter),
  },
  inputs: { data: Labelled },
  outputs: { score: Score },
  *run({ parameters: { by, options, reward }, inputs: { data } }) {
    if (data.length === 0) return yield* new StageError({ message: "there is nothing to score", hint: "give rows" })
    const sum = data.columns.x.reduce((a, b) => a + b, 0) * by ** options.power
    return { score: Score.make({ score: [reward?.value(sum) ?? sum] }) }
  },
})

export const pair = Stage.make("toy/pair", {
  module: import.meta.url,
  title: "Two tables of one width",
  inputs: { left: Labelled, right: Labelled, more: Port.optional(Labelled), all: Port.many(Score) },
  outputs: { score: Score },
  *run({ inputs: { all } }) {
    return { score: all[0]! }
  },
})

export const take = Stage.make("toy/take", {
  module: import.meta.url,
  title: "The first rows of any table",
  parameters: { rows: Count },
  inputs: { table: Port.any() },
  outputs: { table: Port.like("table") },
  *run({ inputs: { table } }) {
    return { table }
  },
})

export const plugin = Plugin.make("toy", {
  title: "Toys",
  module: import.meta.url,
  stages: {
    blobs: () => Promise.resolve(blobs),
    scale: () => Promise.resolve(scale),
    pair: () => Promise.resolve(pair),
    take: () => Promise.resolve(take),
  },
  values: () => Promise.resolve([square]),
})
