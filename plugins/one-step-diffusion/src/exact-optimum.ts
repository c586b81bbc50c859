/** Where f-distill would end without noise. */
import { Stage, StageError } from "@relent/stage"
import { Effect } from "effect"
import { type Affine, AffineStudent } from "./affine.ts"
import { gradientOf } from "./exact/gradient.ts"
import { nodesOf } from "./exact/quadrature.ts"
import { objective } from "./parameters.ts"
import { Distribution } from "./distribution.ts"

const [rate, tolerance, most, breath] = [0.25, 1e-12, 20_000, 20]
/** Share of the weight at the ends of the nodes from which on the integral is taken to be infinite. */
const tail = 1e-9

const diverges = (message: string) =>
  new StageError({ message, hint: "choose another divergence or start, or clip the ratio" })

/**
 * The optimum, or with a clipped ratio the root of the update, that descent of the exact gradient reaches from `start`. It is the
 * natural gradient, m -= rate s^2 g_m / E h, log s -= rate g_s / (2 E h), which needs no rate for the scale of the problem.
 *
 * @reference xu2025fdistill
 */
export const exactOptimum = Stage.make("one-step-diffusion/exact-optimum", {
  module: import.meta.url,
  title: "The optimum of an affine student, by quadrature",
  parameters: objective,
  inputs: { teacher: Distribution.only("gaussian-mixture"), start: AffineStudent },
  outputs: { student: AffineStudent },
  *run({ parameters, inputs: { teacher, start } }) {
    const { name } = parameters.divergence
    const integrand = parameters.clip === undefined ? "smooth" : "kinked"
    let student: Affine = start
    for (let step = 0; step < most; step++) {
      const nodes = nodesOf(teacher, student, integrand)
      if (nodes === undefined)
        return yield* diverges(
          `at step ${step} the scales of teacher and student are too far apart to integrate '${name}'`,
        )
      const { mean, logDeviation, weight, ends } = gradientOf(parameters, teacher, student, nodes.z, nodes.logMass)
      if (!(weight > 0 && Number.isFinite(weight) && ends <= tail * weight))
        return yield* diverges(`at step ${step} the gradient of '${name}' is infinite`)
      const [dm, ds] = [(rate * student.deviation * mean) / weight, (rate * logDeviation) / (2 * weight)]
      student = { mean: student.mean - student.deviation * dm, deviation: student.deviation * Math.exp(-ds) }
      if (Math.max(Math.abs(dm), Math.abs(ds)) < tolerance) return { student }
      if (step % breath === 0) yield* Effect.yieldNow
    }
    return yield* diverges(`the descent of '${name}' didn't settle in ${most} steps`)
  },
})
