/** Two convolutions that are told the time and added to what came in: images `[members, batch, height, width, channels]`. */
import type { Parameters } from "@relent/arrow"
import type { Source } from "@relent/random"
import { branch, type Tensor, tf, type Tree, within } from "@relent/tensor"
import { type Activation, activations } from "../activation.ts"
import { applyConv2d, conv2dPlan } from "./conv2d.ts"
import { applyDense, densePlan } from "./dense.ts"
import { applyGroupNorm, normPlan } from "./norm.ts"
import { initLayer, type Plan } from "./plan.ts"

export interface ResidualBlock {
  /** Channels. */
  readonly inputs: number
  readonly outputs: number
  /** Width of the vector that says the time. */
  readonly time: number
  readonly members: number
  readonly activation: Activation
}

/**
 * `norm1`, `conv1: [3, 3, inputs, outputs]`, `time: [time, outputs]`, `norm2`, `conv2: [3, 3, outputs, outputs]`, and where the channels
 * change `skip: [1, 1, inputs, outputs]`.
 */
export const residualBlockPlan = ({ inputs, outputs, time, activation }: Omit<ResidualBlock, "members">): Plan => {
  const { init } = activations[activation]
  return {
    ...branch("norm1", normPlan({ width: inputs })),
    ...branch("conv1", conv2dPlan({ inputs, outputs, kernel: 3, init })),
    ...branch("time", densePlan({ inputs: time, outputs, init })),
    ...branch("norm2", normPlan({ width: outputs })),
    ...branch("conv2", conv2dPlan({ inputs: outputs, outputs, kernel: 3, init })),
    ...(inputs !== outputs && branch("skip", conv2dPlan({ inputs, outputs, kernel: 1, init, bias: false }))),
  }
}

/** The tensors of the plan, each with an axis of members first. */
export const initResidualBlock = ({ members, ...block }: ResidualBlock, random: Source, layer: number): Parameters =>
  initLayer(residualBlockPlan(block), members, random, layer)

/**
 * h = conv1(act(norm x)) + dense(act(time)), then skip(x) + conv2(act(norm h)): `[members, batch, height, width, outputs]` of
 * `[members or 1, batch, height, width, inputs]` and vectors `[members or 1, batch, time]`.
 *
 * @throws LayerInvalid if the groups of the norms don't divide the channels.
 * @reference ho2020denoising
 */
export const applyResidualBlock = (
  tree: Tree,
  x: Tensor,
  time: Tensor,
  { groups, activation }: { readonly groups: number; readonly activation: Activation },
): Tensor => {
  const { apply } = activations[activation]
  const said = applyDense(within("time", tree), apply(time))
  const [members, batch, width] = said.shape as [number, number, number]
  const first = applyConv2d(within("conv1", tree), apply(applyGroupNorm(within("norm1", tree), x, { groups })))
  const h = tf.add(first, tf.reshape(said, [members, batch, 1, 1, width]))
  const second = applyConv2d(within("conv2", tree), apply(applyGroupNorm(within("norm2", tree), h, { groups })))
  const skip = within("skip", tree)
  return tf.add(skip["weight"] === undefined ? x : applyConv2d(skip, x), second)
}
