/** Stages for the tests: noise, a slow walk with checkpoints, a scaled table, and one that fails. */
import { Column, objectCodec, TableSchema, tensorValue } from "@relent/arrow"
import { Named } from "@relent/named"
import { Plugin, Port, Stage, StageError } from "@relent/stage"
import { Effect, Option, Schema } from "effect"

const Count = Schema.Int.check(Schema.isGreaterThan(0))
export const Reward = Named.kind<(x: number) => number>("reward")
export const square = Reward.define(import.meta.url, "toy/square", 1, (x) => x * x)
export const Values = TableSchema.make("toy/values", 1, { x: Column.float64 })

const Whole = TableSchema.make("toy/whole", 1, { x: Column.int32 })

export const noise = Stage.make("toy/noise", {
  module: import.meta.url,
  title: "Normal numbers",
  uses: ["random"],
  parameters: { rows: Count.pipe(Schema.withDecodingDefaultKey(Effect.succeed(8))) },
  outputs: { values: Values },
  *run({ parameters: { rows }, random }) {
    return { values: Values.make({ x: Float64Array.from(random("x").normals(rows)) }) }
  },
})

export const scale = Stage.make("toy/scale", {
  module: import.meta.url,
  title: "Values times a number",
  parameters: {
    by: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(1))),
    reward: Schema.optionalKey(Reward.parameter),
  },
  inputs: { values: Values, more: Port.many(Values) },
  outputs: { values: Values },
  *run({ parameters: { by, reward }, inputs: { values, more }, warn }) {
    if (by === 0) yield* warn("all values become 0")
    const extra = more.reduce((sum, table) => sum + table.columns.x[0]!, 0)
    return { values: Values.make({ x: values.columns.x.map((v) => (reward?.value(v) ?? v) * by + extra) }) }
  },
})

export interface Walk {
  readonly kind: "walk"
  readonly at: Float64Array
}
export const WalkState = objectCodec<Walk>()("toy/walk", 1, {
  walk: {
    header: Schema.Struct({}),
    decode: (_: {}, { at }) => ({ kind: "walk", at: at!.values as Float64Array }),
    encode: ({ at }) => [{}, { at: tensorValue("float64", at) }],
  },
})

export const walk = Stage.make("toy/walk", {
  module: import.meta.url,
  title: "A random walk with checkpoints",
  uses: ["random"],
  parameters: { steps: Count, pause: Schema.Finite.pipe(Schema.withDecodingDefaultKey(Effect.succeed(0))) },
  outputs: { values: Values },
  metrics: { at: Column.float64 },
  state: WalkState,
  *run({ parameters: { steps, pause }, random, emit, checkpoint }) {
    const saved = Option.getOrElse(yield* checkpoint.load, () => ({
      step: 0,
      state: { kind: "walk" as const, at: Float64Array.of(0) },
    }))
    const at = saved.state.at.slice()
    for (let step = saved.step; step < steps; step++) {
      at[0] = at[0]! + random("step", step).normal()
      if (pause > 0) yield* Effect.sleep(pause)
      if (step % 10 !== 9) continue
      yield* emit({ step, at: at[0] })
      yield* checkpoint.save({ step: step + 1, state: { kind: "walk", at } })
    }
    return { values: Values.make({ x: at }) }
  },
})

export const file = Stage.make("toy/file", {
  module: import.meta.url,
  title: "The bytes of a file",
  parameters: { path: Schema.String },
  sources: ({ path }) => ({ file: { path } }),
  outputs: { values: Values },
  *run({ sources }) {
    return { values: Values.make({ x: Float64Array.from(yield* sources["file"]!.bytes) }) }
  },
})

export const fail = Stage.make("toy/fail", {
  module: import.meta.url,
  title: "Fails",
  inputs: { values: Values },
  outputs: { values: Values },
  *run() {
    return yield* new StageError({ message: "there is nothing to do", hint: "give more" })
  },
})

export const halves = Stage.make("toy/halves", {
  module: import.meta.url,
  title: "Builds a table that can't be",
  outputs: { values: Whole },
  *run() {
    return { values: Whole.make({ x: [0.5] }) }
  },
})

const lazy =
  <A>(stage: A) =>
  () =>
    Promise.resolve(stage)
export const plugin = Plugin.make("toy", {
  title: "Toys",
  module: import.meta.url,
  stages: { noise: lazy(noise), scale: lazy(scale), walk: lazy(walk), file: lazy(file), fail: lazy(fail) },
  values: lazy([square]),
})
