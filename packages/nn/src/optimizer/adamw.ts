/** Adam with decoupled weight decay. */
import { type AdamOptions, makeAdam } from "./adam.ts"
import { decayRate, notNegative, Optimizer, positive } from "./optimizer.ts"

/**
 * Adam's step, and w shrinks by rate * weightDecay: the decay passes by the moments.
 *
 * @reference loshchilov2019decoupled
 */
export const makeAdamW = ({
  weightDecay = 0.01,
  ...adam
}: AdamOptions & { readonly weightDecay?: number } = {}): Optimizer => {
  const plain = makeAdam(adam)
  return { ...plain, rates: (at) => ({ ...plain.rates(at), decay: 1 - at.learningRate * weightDecay }) }
}

export const adamw = Optimizer.define(
  import.meta.url,
  "nn/adamw",
  1,
  { beta1: decayRate(0.9), beta2: decayRate(0.999), epsilon: positive(1e-8), weightDecay: notNegative(0.01) },
  makeAdamW,
)
