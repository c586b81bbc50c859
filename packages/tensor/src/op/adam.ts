/** One step of Adam on one tensor. */
import { type Tensor, tf } from "../tf.ts"
import { isThere } from "./operation.ts"

/** Tensors of one shape, and scalars. */
export interface AdamInputs {
  readonly weight: Tensor
  readonly mean: Tensor
  readonly square: Tensor
  readonly gradient: Tensor
  /** rate sqrt(1-b2^t) / (1-b1^t) */
  readonly rate: Tensor
  /** eps sqrt(1-b2^t) */
  readonly epsilon: Tensor
  /** The weight is multiplied by it first: 1 - rate * weightDecay, 1 for none. */
  readonly decay?: Tensor
}
export interface AdamOutputs {
  readonly weight: Tensor
  readonly mean: Tensor
  readonly square: Tensor
}
export interface AdamRates {
  readonly beta1: number
  readonly beta2: number
}

/** Name of the kernel, where a backend has one operation for it. */
export const AdamKernel = "RelentAdam"

/** The same of the library's operations. */
export const composedAdam = (given: AdamInputs, { beta1, beta2 }: AdamRates): AdamOutputs => {
  const { gradient, rate, epsilon, decay } = given
  const mean = tf.add(tf.mul(given.mean, beta1), tf.mul(gradient, 1 - beta1))
  const square = tf.add(tf.mul(given.square, beta2), tf.mul(tf.square(gradient), 1 - beta2))
  const weight = decay === undefined ? given.weight : tf.mul(given.weight, decay)
  return { weight: tf.sub(weight, tf.mul(tf.div(mean, tf.add(tf.sqrt(square), epsilon)), rate)), mean, square }
}

/**
 * m' = b1 m + (1-b1) g, v' = b2 v + (1-b2) g^2, w' = decay w - rate m' / (sqrt(v') + epsilon), with the corrections of step t in the
 * scalars: m^ / (sqrt(v^) + eps) = m s / (1-b1^t) / (sqrt(v) + eps s), s = sqrt(1-b2^t). It has no gradient.
 *
 * @reference kingma2015adam
 */
export const adamStep = (given: AdamInputs, rates: AdamRates): AdamOutputs => {
  if (!isThere(AdamKernel)) return composedAdam(given, rates)
  const [weight, mean, square] = tf.engine().runKernel<[Tensor, Tensor, Tensor]>(AdamKernel, { ...given }, { ...rates })
  return { weight, mean, square }
}
