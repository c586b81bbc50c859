/** Generators of one step, and denoisers, as functions of tensors. */
import { applyMlp } from "@relent/nn"
import { type Tensor, tf, type Tree } from "@relent/tensor"
import type { Denoiser, OneStepDenoiser, OneStepMlp } from "./distribution.ts"
import { denoise, preconditioning, type Preconditioning } from "./edm/network.ts"
import { denoiseMixture, type IsotropicMixture } from "./isotropic-mixture.ts"

type Shape<G> = G extends unknown ? Omit<G, "parameters"> : never
/** What a generator is but its weights. */
export type Generator = Shape<OneStepDenoiser | OneStepMlp>

/** A level of noise for every row of points `[members, batch, ...]`, `[members, batch, 1]`. */
export const everywhere = (x: Tensor, sigma: number): Tensor => tf.mul(tf.ones([x.shape[0], x.shape[1]!, 1]), sigma)

/** Points `[members, batch, dimension]` of normal draws `z` of that shape: F(z), or D(sigma z, sigma). */
export const generate = (generator: Generator, tree: Tree, z: Tensor): Tensor => {
  if (generator.kind === "one-step-mlp") return applyMlp(generator, tree, z)
  const level = preconditioning(everywhere(z, generator.sigma), generator.dataDeviation)
  return denoise(generator, tree, tf.mul(z, generator.sigma), level)
}

/** Best guesses of the clean points behind noisy ones: exact for a mixture, a network's otherwise, whose weights are `tree`. */
export const guess = (
  teacher: IsotropicMixture | Shape<Denoiser>,
  tree: Tree,
  x: Tensor,
  level: Preconditioning,
): Tensor =>
  teacher.kind === "isotropic-mixture" ? denoiseMixture(teacher, x, level.sigma) : denoise(teacher, tree, x, level)
