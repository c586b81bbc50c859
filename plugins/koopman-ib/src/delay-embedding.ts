/** Trajectories out of what was measured. */
import { Column } from "@relent/arrow"
import { Count, orElse } from "@relent/named"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { seriesOf } from "./series/columns.ts"
import { embed, trajectoriesOf } from "./series/delays.ts"
import { Trajectories } from "./tables.ts"

/**
 * A state is the values of the columns now and at the `delays - 1` times before, the newest first: what they depend on besides shows in
 * their past. The series is cut in two before that, the earlier part to train: no value of a test state stands in a training state, as
 * a delay neither. Training trajectories follow each other, each from the last state of the one before, so every step stands in one of
 * them; test trajectories start every `stride` times, and overlap.
 *
 * @reference takens1981
 */
export const delayEmbedding = Stage.make("koopman-ib/delay-embedding", {
  module: import.meta.url,
  title: "Trajectories of delayed values, out of a series",
  parameters: {
    columns: Schema.NonEmptyArray(Schema.String).annotate({ description: "columns of numbers" }),
    delays: orElse(Count.annotate({ description: "values of a column in a state: now's, and those before" }), 14),
    steps: orElse(Count.annotate({ description: "states after the first, of each trajectory" }), 60),
    stride: orElse(Count.annotate({ description: "times between the starts of two test trajectories" }), 1),
    share: orElse(
      Schema.Finite.check(
        Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMinimum: true, exclusiveMaximum: true }),
      ).annotate({ description: "of the times, the earliest: to train" }),
      0.75,
    ),
  },
  inputs: { series: Port.any({ id: Column.int32 }) },
  outputs: { train: Trajectories, test: Trajectories },
  sizes: ({ steps, delays, columns }) => ({ steps: steps + 1, features: delays * columns.length }),
  *run({ parameters: { columns, delays, steps, stride, share }, inputs: { series } }) {
    const width = columns.length
    const values = yield* seriesOf(series, columns)
    const early = Math.floor(series.length * share)
    const cut = (part: string, own: Float64Array, every: number) => {
      const times = own.length / width
      if (times < delays + steps)
        return Effect.fail(
          new StageError({
            message: `the ${part} part of the series has ${times} times, ${delays + steps} are needed`,
            hint: "give a longer series, or make 'delays' or 'steps' smaller",
          }),
        )
      const features = delays * width
      const made = trajectoriesOf(embed(own, width, delays), { features, steps, stride: every })
      return Effect.succeed(Trajectories.make(made, { sizes: { steps: steps + 1, features } }))
    }
    return {
      train: yield* cut("training", values.subarray(0, early * width), steps),
      test: yield* cut("test", values.subarray(early * width), stride),
    }
  },
})
