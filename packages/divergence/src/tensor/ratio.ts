/** What is derived from a generator, on tensors of log-ratios of any shape; the result has that shape. */
import { type Tensor, tf } from "@relent/tensor"
import { at } from "../calculus/evaluate.ts"
import type { Expression } from "../calculus/expression.ts"
import type { Estimator } from "../estimator.ts"
import type { FDivergence } from "../f-divergence.ts"
import { withGradient } from "./gradient.ts"
import { tensorRows } from "./rows.ts"

const evaluate = (x: Expression, logU: Tensor): Tensor => {
  const value = at(tensorRows, logU, 0).value(x)
  return typeof value === "number" ? tf.fill(logU.shape, value) : value
}

/** `x` at `u`; its gradient by `logU` is `slope`, or nothing. */
const along = (x: Expression, slope: Expression | undefined, logU: Tensor): Tensor =>
  withGradient({
    inputs: [logU],
    forward: (logU) => ({ value: evaluate(x, logU) }),
    backward: (dy, logU) => [slope === undefined ? tf.zerosLike(logU) : tf.mul(dy, evaluate(slope, logU))],
  })

/**
 * The terms of D over samples, by `logU = log target - log model`: `f(u)` for samples of the model, `f(u) / u` for those of
 * the target. Their mean is D. The gradient flows through `logU` with the samples held fixed: for samples of the target
 * it is the gradient of D by the model.
 */
export const terms = ({ derived }: FDivergence, samplesOf: "target" | "model", logU: Tensor): Tensor =>
  samplesOf === "model"
    ? along(derived.f, derived.byTarget, logU)
    : along(derived.perTarget, derived.perTargetSlope, logU)

/** The link `f*'(t)` at `logT = log model - log target`; its gradient by `logT` is `u^2 f''(u)`. @reference wang2024fdpo */
export const link = ({ derived }: FDivergence, logT: Tensor): Tensor =>
  along(derived.byModel, derived.byModelSlope, tf.neg(logT))

/** `-f*'(t)` at `logT = log model - log target`, without gradient. @reference go2023fdpg */
export const pseudoReward = ({ derived }: FDivergence, logT: Tensor): Tensor =>
  tf.neg(along(derived.byModel, undefined, tf.neg(logT)))

/** `u^2 f''(u)` at `logU = log target - log model`, without gradient. @reference xu2025fdistill */
export const scoreWeight = ({ derived }: FDivergence, logU: Tensor): Tensor =>
  along(derived.scoreWeight, undefined, logU)

/** The estimator's values at `logT = log model - log target`, without gradient: for a reward. */
export const penalty = ({ derived }: Estimator, logT: Tensor): Tensor => along(derived.f, undefined, tf.neg(logT))

/** The estimator's values at `logT`, with gradient through `logT`: for a loss. What it descends: `estimator.descends`. */
export const loss = ({ derived }: Estimator, logT: Tensor): Tensor => along(derived.f, derived.byTarget, tf.neg(logT))
