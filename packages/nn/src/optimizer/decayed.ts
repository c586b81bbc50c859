/** Weight decay as a part of the gradient. */
import { mapTree, tf } from "@relent/tensor"
import type { Optimizer } from "./optimizer.ts"

/**
 * An optimiser that sees g + weightDecay w, the gradient of the loss + weightDecay / 2 |w|^2: PyTorch's `weight_decay` of SGD and Adam.
 * Adam's moments see it, as they don't see the decay of AdamW.
 *
 * @reference loshchilov2019decoupled
 */
export const decayed = (weightDecay: number, optimizer: Optimizer): Optimizer =>
  weightDecay === 0
    ? optimizer
    : {
        ...optimizer,
        update: (parameters, gradients, state, rates) => {
          const whole = mapTree(gradients, (g, path) => tf.add(g, tf.mul(parameters[path]!, weightDecay)))
          return optimizer.update(parameters, whole, state, rates)
        },
      }
