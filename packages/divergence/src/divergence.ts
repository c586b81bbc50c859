/** What every divergence is, with a generator or without. */
import type { Named } from "@relent/named"
import type { Rows } from "./arithmetic.ts"
import { checkLogits } from "./distribution.ts"
import { float64 } from "./float64.ts"
import { logSoftmax } from "./information.ts"
import type { Laws } from "./law.ts"

/** How a document writes a divergence: a name, or one name with its parameter. */
export type Spelling = string | { readonly [family: string]: number }

/**
 * `D(target || model)` from log-probabilities, with its derivative by each of them (the others held). Written once, for
 * float64 rows and for tensors `[..., classes]`; the derivatives are computed when asked for.
 */
export type LogForm = <N>(
  logTarget: N | number,
  logModel: N | number,
  rows: Rows<N>,
) => {
  readonly value: () => N | number
  readonly byTarget: () => N | number
  readonly byModel: () => N | number
}

/** A divergence `D(target || model)`: the target is what is given, the model what is trained. */
export interface Divergence {
  /** As people write it: `kl`, `alpha 0.5`. */
  readonly name: string
  readonly spelling: Spelling
  /** Where it was defined: its code is part of the key of what uses it. */
  readonly origin: Named<unknown>
  readonly laws: Laws
  /**
   * D of two probability vectors `[classes]` in float64, in nats where logarithms occur. Zeros count as the definition
   * says: the result may be infinite, it is never clamped. Throws `NotADistribution`.
   */
  readonly between: (target: ArrayLike<number>, model: ArrayLike<number>) => number
  readonly logForm: LogForm
}

/** A divergence of two rows of logits, and its gradients. */
export interface OnLogits {
  readonly value: number
  readonly gradient: { readonly target: Float64Array; readonly model: Float64Array }
}

/** The gradient by logits from that by log-probabilities: `(g - p sum g) / temperature`. */
export const throughSoftmax = <N>(
  g: N | number,
  logProbabilities: N,
  temperature: number,
  { sub, mul, div, exp, sum }: Rows<N>,
): N => div(sub(g, mul(exp(logProbabilities), sum(g))), temperature) as N

/**
 * D of `softmax(target / temperature)` and `softmax(model / temperature)`, two rows of finite logits `[classes]`, with its
 * gradient by both, in float64 and log space. Throws `NotADistribution`. (Tensors: `onLogits` of `@relent/divergence/tensor`.)
 */
export const onLogits = (
  divergence: Divergence,
  target: ArrayLike<number>,
  model: ArrayLike<number>,
  temperature = 1,
): OnLogits => {
  checkLogits(target, model, temperature)
  const logTarget = logSoftmax(target, temperature)
  const logModel = logSoftmax(model, temperature)
  const form = divergence.logForm(logTarget, logModel, float64)
  return {
    value: form.value() as number,
    gradient: {
      target: throughSoftmax(form.byTarget(), logTarget, temperature, float64),
      model: throughSoftmax(form.byModel(), logModel, temperature, float64),
    },
  }
}
