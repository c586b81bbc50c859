/** Plain gradient descent on the testbed's model. */
import { Column } from "@relent/arrow"
import { type StageContext, StageError } from "@relent/stage"
import { Effect, Option } from "effect"
import { attempt } from "./prediction.ts"
import type { Sigmoid } from "./sigmoid.ts"

/** The loss, in nats, and the predicted foreground's share of the pixels: one that goes to 0 is a collapse. */
export const descentMetrics = { loss: Column.float64, foreground: Column.float64 }

export interface Evaluated {
  readonly loss: number
  readonly foreground: number
  readonly gradient: Sigmoid
}

type Context = Pick<StageContext<unknown, {}, typeof descentMetrics, Sigmoid>, "emit" | "checkpoint" | "progress">

interface Options {
  readonly start: Sigmoid
  readonly steps: number
  readonly learningRate: number
  readonly every: number
}

/** Steps between two chances for others, an interruption above all. */
const breath = 20

const isFinite = ({ slope, intercept }: Sigmoid) => Number.isFinite(slope) && Number.isFinite(intercept)

const failed = (step: number, message: string) =>
  new StageError({
    message: `at step ${step} ${message}`,
    hint: "look at the pixels and at the start, or lower the learning rate",
  })

/** theta <- theta - rate g, from the checkpoint if there is one. Metrics are those before the step. */
export const descend = (
  { emit, checkpoint, progress }: Context,
  { start, steps, learningRate, every }: Options,
  evaluate: (model: Sigmoid) => Evaluated,
) =>
  Effect.gen(function* () {
    const saved = yield* checkpoint.load
    const { step: from, state } = Option.getOrElse(saved, () => ({ step: 0, state: start }))
    let model = state
    for (let step = from; step < steps; step++) {
      const { loss, foreground, gradient } = yield* attempt(() => evaluate(model)).pipe(
        Effect.mapError(({ message }) => failed(step, message)),
      )
      model = {
        slope: model.slope - learningRate * gradient.slope,
        intercept: model.intercept - learningRate * gradient.intercept,
      }
      if (!isFinite(model)) return yield* failed(step, "the model isn't finite")
      if ((step + 1) % every === 0 || step + 1 === steps) {
        yield* emit({ step: step + 1, loss, foreground })
        yield* progress(step + 1, steps)
        if (step + 1 < steps) yield* checkpoint.save({ step: step + 1, state: model })
      } else if (step % breath === 0) yield* Effect.yieldNow
    }
    return model
  })
