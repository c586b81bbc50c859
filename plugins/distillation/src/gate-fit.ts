/** What the gate alone does: a Gaussian is fitted to a density on a grid, exactly, in float64. */
import { Column, TableSchema } from "@relent/arrow"
import { Divergence, entropy, onLogits, softmax } from "@relent/divergence"
import { Count, orElse, Positive } from "@relent/named"
import { Stage, StageError } from "@relent/stage"
import { Schema } from "effect"
import { type Gate, gateOf, gateParameters, ordered } from "./loss/gate.ts"

/** -4 ... 4 in 41 steps. */
export const grid = Float64Array.from({ length: 41 }, (_, i) => -4 + i / 5)

const normal = (x: number, mean: number, deviation: number) =>
  Math.exp(-(((x - mean) / deviation) ** 2) / 2) / deviation

/** Densities without their constant factor. */
export const teachers = {
  bimodal: (x: number) => normal(x, 1.2, 0.6) + normal(x, -1.2, 0.6),
  skewed: (x: number) => 0.7 * normal(x, 1, 0.4) + 0.3 * normal(x, -1.5, 1),
  "heavy-tailed": (x: number) => (1 + x ** 2 / 0.3) ** -1.5,
}
type Teacher = keyof typeof teachers

/** Where a fit ended. Entropies are in nats. */
const Fits = TableSchema.make("distillation/fits", 1, {
  teacher: Column.utf8,
  teacherEntropy: Column.float64,
  entropy: Column.float64,
  /** H(S) - H(T), and its size. */
  gap: Column.float64,
  distance: Column.float64,
  mean: Column.float64,
  deviation: Column.float64,
  /** Norm of the gradient where it stopped. */
  slope: Column.float64,
})

const entropyOf = (logits: ArrayLike<number>) => entropy(softmax(logits))

interface Descent {
  readonly learningRate: number
  readonly steps: number
}

/**
 * Gradient descent in (m, log s) on w_F KL(T || S) + w_R KL(S || T), S = softmax(-(x - m)^2 / (2 s^2)), from (0.5, 0). The gate's
 * weights are those of the moment and have no gradient.
 */
export const fitGaussian = (teacher: Float64Array, [surer, otherwise]: Gate, { learningRate, steps }: Descent) => {
  const teacherEntropy = entropyOf(teacher)
  const at = (m: number, logS: number) => {
    const z = grid.map((x) => -((x - m) ** 2) / (2 * Math.exp(2 * logS)))
    const gap = entropyOf(z) - teacherEntropy
    return { z, gap }
  }
  let [m, logS, slope] = [0.5, 0, Number.POSITIVE_INFINITY]
  for (let step = 0; step < steps && slope > 1e-10; step++) {
    const { z, gap } = at(m, logS)
    const weights = gap < 0 ? surer : otherwise
    const byLogits = new Float64Array(grid.length)
    for (const [i, divergence] of [Divergence.kl, Divergence.reverseKl].entries()) {
      if (weights[i] === 0) continue
      const { model } = onLogits(divergence, teacher, z).gradient
      model.forEach((g, c) => (byLogits[c]! += weights[i]! * g))
    }
    // dz/dm = (x - m) / s^2, dz/d log s = (x - m)^2 / s^2
    let [byM, byLogS] = [0, 0]
    const precision = Math.exp(-2 * logS)
    grid.forEach((x, c) => {
      byM += byLogits[c]! * (x - m) * precision
      byLogS += byLogits[c]! * (x - m) ** 2 * precision
    })
    slope = Math.hypot(byM, byLogS)
    m -= learningRate * byM
    logS -= learningRate * byLogS
  }
  const { gap } = at(m, logS)
  return { teacherEntropy, entropy: gap + teacherEntropy, gap, mean: m, deviation: Math.exp(logS), slope }
}

/** Flat, or held at equal entropies by a gate that changes sides; and on the grid: a student spread far beyond it is flat as well. */
const isSettled = ({ slope, gap, mean, deviation }: ReturnType<typeof fitGaussian>) =>
  (slope < 1e-6 || Math.abs(gap) < 1e-2) && Math.abs(mean) <= 4 && deviation <= 8

/**
 * Fits one teacher with one gate.
 *
 * @reference amara2022bdkd
 */
export const gateFit = Stage.make("distillation/gate-fit", {
  module: import.meta.url,
  title: "A Gaussian fitted to a density on a grid by gated divergences, exactly",
  parameters: Schema.Struct({
    teacher: orElse(
      Schema.Literals(Object.keys(teachers) as ReadonlyArray<Teacher>).annotate({
        description: "two equal modes, two unequal ones, or one with heavy tails",
      }),
      "bimodal",
    ),
    ...gateParameters,
    learningRate: orElse(Positive, 0.05),
    steps: orElse(Count, 4000),
  }).check(ordered),
  outputs: { fits: Fits },
  *run({ parameters }) {
    const logits = grid.map((x) => Math.log(teachers[parameters.teacher](x)))
    const fit = fitGaussian(logits, gateOf(parameters), parameters)
    if (!isSettled(fit))
      return yield* new StageError({
        message: `after ${parameters.steps} steps the fit hasn't settled: mean ${fit.mean}, deviation ${fit.deviation}, slope ${fit.slope}`,
        hint: "make 'learningRate' smaller, or 'steps' larger",
      })
    return { fits: Fits.fromRows([{ teacher: parameters.teacher, ...fit, distance: Math.abs(fit.gap) }]) }
  },
})
