/** How well a model segments labelled pixels. */
import { Column, TableSchema } from "@relent/arrow"
import { Port, Stage } from "@relent/stage"
import { dice } from "./dice.ts"
import { attempt } from "./prediction.ts"
import { predict, SigmoidModel } from "./sigmoid.ts"
import { checkLabels, labelledPixels } from "./tables.ts"

const Report = TableSchema.make("domain-adaptation/sigmoid-report", 1, {
  /** Of the pixels that are foreground with more than 1/2, against the foreground. */
  dice: Column.float64,
  /** The largest that a threshold on x can have. */
  best: Column.float64,
  /** Where the probability is 1/2; infinite for a slope of 0. */
  threshold: Column.float64,
  /** Predicted and true share of the foreground. */
  predicted: Column.float64,
  foreground: Column.float64,
})

/** The largest Dice of {x > t}, t at the points of the grid: sums from the brightest on. */
const bestDice = (mass: Float64Array, foreground: Float64Array, x: Float64Array): number => {
  const order = [...x.keys()].toSorted((i, j) => x[j]! - x[i]!)
  const all = foreground.reduce((sum, f) => sum + f, 0)
  let [both, chosen, best] = [0, 0, 0]
  for (const i of order) {
    both += foreground[i]!
    chosen += mass[i]!
    best = Math.max(best, (2 * both) / (chosen + all))
  }
  return best
}

/** @reference dice1945 */
export const sigmoidReport = Stage.make("domain-adaptation/sigmoid-report", {
  module: import.meta.url,
  title: "Dice and class ratio of a model on labelled pixels",
  inputs: { pixels: Port.any(labelledPixels), model: SigmoidModel },
  outputs: { report: Report },
  *run({ inputs: { pixels, model } }) {
    const { x, mass, foreground } = pixels.columns
    yield* checkLabels(mass, foreground)
    const { probability } = yield* attempt(() => predict(model, x))
    const front = x.map((_, i) => probability[2 * i + 1]!)
    const share = mass.map((m, i) => (m === 0 ? 0 : foreground[i]! / m))
    const row = {
      dice: dice(
        front.map((p) => (p > 0.5 ? 1 : 0)),
        share,
        mass,
      ),
      best: bestDice(mass, foreground, x),
      threshold: -model.intercept / model.slope,
      predicted: front.reduce((sum, p, i) => sum + p * mass[i]!, 0),
      foreground: foreground.reduce((sum, f) => sum + f, 0),
    }
    return { report: Report.fromRows([row]) }
  },
})
