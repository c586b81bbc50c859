/** A model to start from. */
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { SigmoidModel } from "./sigmoid.ts"

/** @reference none: a logistic function */
export const sigmoidModel = Stage.make("domain-adaptation/sigmoid-model", {
  module: import.meta.url,
  title: "A given model: foreground with probability sigmoid(slope x + intercept)",
  parameters: { slope: Schema.Finite, intercept: Schema.Finite },
  outputs: { model: SigmoidModel },
  *run({ parameters: { slope, intercept } }) {
    return { model: { slope, intercept } }
  },
})
