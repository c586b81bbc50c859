/** How noisy the weights of a divergence are. */
import { Column, TableSchema } from "@relent/arrow"
import { Count, orElse } from "@relent/named"
import { Stage, StageError } from "@relent/stage"
import { AffineStudent, logDensityAt } from "./affine.ts"
import { weightsOf } from "./exact/gradient.ts"
import { nodesOf } from "./exact/quadrature.ts"
import { densityAndScore } from "./gaussian-mixture.ts"
import { divergence, type Objective } from "./parameters.ts"
import { Distribution } from "./distribution.ts"

const Variance = TableSchema.make("one-step-diffusion/weight-variance", 1, {
  /** Var_q h / (E_q h)^2 by quadrature. */
  exact: Column.float64,
  /** The same from samples of the student. */
  sampled: Column.float64,
  /** `sampled / exact - 1`; 0 where both are 0. */
  error: Column.float64,
})

/** `E h^2 / (E h)^2 - 1` over points `z` of the student with masses. */
const relativeVariance = (objective: Objective, logRatio: Float64Array, logMass: Float64Array): number => {
  const weights = weightsOf(objective, logRatio, logMass)
  const h = weightsOf(objective, logRatio, new Float64Array(logRatio.length))
  const first = weights.reduce((sum, w) => sum + w, 0)
  const second = weights.reduce((sum, w, i) => sum + w * h[i]!, 0)
  return Math.max(0, second / first ** 2 - 1) // a constant weight may round to -1e-16
}

/**
 * Var_q h(r) / (E_q h(r))^2, exact and sampled: what a batch pays for a divergence.
 *
 * @reference xu2025fdistill
 */
export const weightVariance = Stage.make("one-step-diffusion/weight-variance", {
  module: import.meta.url,
  title: "Relative variance of a divergence's weights",
  uses: ["random"],
  parameters: { divergence, samples: orElse(Count, 200_000) },
  inputs: { teacher: Distribution.only("gaussian-mixture"), student: AffineStudent },
  outputs: { variance: Variance },
  *run({ parameters: { divergence, samples }, inputs: { teacher, student }, random }) {
    const { mean, deviation } = student
    const of = (z: Float64Array, logMass: Float64Array) => {
      const { logDensity } = densityAndScore(
        teacher,
        z.map((v) => mean + deviation * v),
      )
      const logQ = logDensityAt(student, z)
      return relativeVariance(
        { divergence },
        logDensity.map((p, i) => p - logQ[i]!),
        logMass,
      )
    }
    const nodes = nodesOf(teacher, student)
    const exact = nodes === undefined ? Number.NaN : of(nodes.z, nodes.logMass)
    if (!Number.isFinite(exact))
      return yield* new StageError({
        message: `the weights of '${divergence.name}' have no finite variance here`,
        hint: "bring teacher and student nearer to each other",
      })
    const { normal } = random("points")
    const z = Float64Array.from({ length: samples }, normal)
    const sampled = of(z, new Float64Array(samples).fill(-Math.log(samples)))
    return { variance: Variance.fromRows([{ exact, sampled, error: exact === 0 ? sampled : sampled / exact - 1 }]) }
  },
})
