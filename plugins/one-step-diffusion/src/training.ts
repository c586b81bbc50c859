/** What the training stages of this plugin share. */
import { type Parameters, tensorValue } from "@relent/arrow"
import { Count, orElse, Positive } from "@relent/named"
import { activationNames, type Features, optimizerParameter, scheduleParameter } from "@relent/nn"
import { Schema } from "effect"

/** Widths of hidden layers. */
export const widths = (value: ReadonlyArray<number>, of: string) =>
  orElse(Schema.Array(Count).annotate({ description: `widths of the hidden layers of ${of}` }), value)

export const trainingParameters = {
  activation: orElse(Schema.Literals(activationNames), "silu"),
  members: orElse(Count.annotate({ description: "networks trained side by side, each with draws of its own" }), 1),
  batch: orElse(Count.annotate({ description: "rows a member and update" }), 128),
  optimizer: orElse(optimizerParameter, { adam: { beta1: 0, beta2: 0.99 } }),
  schedule: orElse(scheduleParameter, "constant"),
  every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 100),
}

/** Levels of noise that a stage uses. */
export const levels = {
  sigmaMin: orElse(Positive.annotate({ description: "the lowest level of noise" }), 0.02),
  sigmaMax: orElse(Positive.annotate({ description: "the highest level of noise" }), 10),
}

/** Two bounds in their order. */
export const inOrder = Schema.makeFilter(
  ({ sigmaMin, sigmaMax }: { readonly sigmaMin: number; readonly sigmaMax: number }) =>
    sigmaMin < sigmaMax ? undefined : { path: ["sigmaMin"], issue: `wants sigmaMin < sigmaMax, ${sigmaMax}` },
)

/** A share of `[0, 1)` that stays at every step of a moving average. */
export const kept = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1, exclusiveMaximum: true }))

/** The standard deviation of all coordinates of some points, each about its own mean: sqrt(mean (x_j - mean_j)^2). */
export const deviationOf = ({ values, width }: Features): number => {
  const rows = values.length / width
  const means = new Float64Array(width)
  for (let i = 0; i < values.length; i++) means[i % width]! += values[i]! / rows
  let squares = 0
  for (let i = 0; i < values.length; i++) squares += (values[i]! - means[i % width]!) ** 2
  return Math.sqrt(squares / values.length)
}

/** The members of a network again and again until there are as many as wanted. */
export const repeated = (parameters: Parameters, from: number, to: number): Parameters =>
  from === to
    ? parameters
    : Object.fromEntries(
        Object.entries(parameters).map(([path, { values, shape }]) => {
          const size = values.length / from
          const out = new Float32Array(to * size)
          for (let m = 0; m < to; m++)
            out.set((values as Float32Array).subarray((m % from) * size, ((m % from) + 1) * size), m * size)
          return [path, tensorValue("float32", out, [to, ...shape.slice(1)])] as const
        }),
      )
