/** Gradients of bounded size. */
import { mapTree, type Tensor, tf, type Tree } from "@relent/tensor"
import type { Optimizer } from "./optimizer.ts"

/** Shape of a number for each member that meets a tensor of this rank. */
const perMember = ({ shape: [members = 1, ...rest] }: Tensor) => [members, ...rest.map(() => 1)]

/** The norm of all tensors of a member together, `[members]`. */
export const globalNorm = (tree: Tree): Tensor =>
  tf.sqrt(tf.addN(Object.values(tree).map((t) => tf.sum(tf.reshape(tf.square(t), [t.shape[0] ?? 1, -1]), 1))))

/**
 * Scales each member's gradients to a global norm of at most `norm`: g min(1, norm / |g|). A member with a NaN keeps it.
 *
 * @reference pascanu2013difficulty
 */
export const clipByGlobalNorm = (gradients: Tree, norm: number): Tree => {
  const factor = tf.div(norm, tf.maximum(globalNorm(gradients), norm))
  return mapTree(gradients, (g) => tf.mul(g, tf.reshape(factor, perMember(g))))
}

/** An optimiser that sees clipped gradients. */
export const clipped = (norm: number, optimizer: Optimizer): Optimizer => ({
  ...optimizer,
  update: (parameters, gradients, state, rates) =>
    optimizer.update(parameters, clipByGlobalNorm(gradients, norm), state, rates),
})
