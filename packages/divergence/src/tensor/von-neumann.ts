/** Von Neumann's entropy of the covariance of points, with its gradient. */
import { inverse, type Tensor, tf } from "@relent/tensor"
import { withGradient } from "./gradient.ts"

/** Added to every share of the variance under the logarithm: float32 knows no smaller ones. */
const floor = 1e-6

// u of the nodes: from a factor e^-17 below the floor to as much above 1
const nodes = Array.from({ length: Math.ceil(34 - Math.log(floor)) }, (_, i) => Math.log(floor) - 17 + i)

/**
 * `log(rho + floor I)` of matrices `[..., d, d]` with eigenvalues in [0, 1], from inverses alone: `log a` is the integral over all u of
 * `e^u / (1 + e^u) (a - 1) / (a + e^u)`, whose integrand is so smooth that the sum over whole u is off by 3e-9.
 */
const logarithm = (rho: Tensor): Tensor => {
  const d = rho.shape.at(-1)!
  const unit = tf.eye(d)
  const a = tf.add(rho, tf.mul(unit, floor))
  const shifts = tf.reshape(tf.tensor1d(nodes.map(Math.exp)), [nodes.length, 1, 1])
  const weights = tf.reshape(tf.tensor1d(nodes.map((u) => 1 / (1 + Math.exp(-u)))), [nodes.length, 1, 1])
  const resolvents = inverse(tf.add(tf.expandDims(a, -3), tf.mul(shifts, unit)))
  return tf.matMul(tf.sum(tf.mul(resolvents, weights), -3), tf.sub(a, unit))
}

/** What has no spread is divided by this instead of 0: its entropy is 0, with a gradient of 0. */
const least = 1e-30

const shapeOf = (z: Tensor) => {
  const centred = tf.sub(z, tf.mean(z, -2, true))
  const covariance = tf.div(tf.matMul(centred, centred, true), z.shape.at(-2)! - 1)
  const trace = tf.add(tf.sum(tf.mul(covariance, tf.eye(z.shape.at(-1)!)), [-2, -1], true), least)
  const rho = tf.div(covariance, trace)
  return { centred, trace, rho, log: logarithm(rho) }
}

/**
 * `S = -tr(rho log(rho + 1e-6 I))`, `[...]` of points `[..., n, d]`: the entropy in nats of the shares of the variance, at most 1e-6 d
 * from the exact one. Formula and gradient are those of `vonNeumann`.
 *
 * @reference cheng2025infokoopman
 */
export const vonNeumann = (points: Tensor): Tensor =>
  withGradient({
    inputs: [points],
    forward: (z) => {
      const { centred, trace, rho, log } = shapeOf(z)
      return { value: tf.neg(tf.sum(tf.mul(rho, log), [-2, -1])), saved: [centred, trace, rho, log] }
    },
    backward: (dy, z, centred, trace, rho, log) => {
      const unit = tf.eye(z.shape.at(-1)!)
      const g = tf.neg(tf.add(log, unit))
      const along = tf.sum(tf.mul(g, rho), [-2, -1], true)
      const byCovariance = tf.div(tf.sub(g, tf.mul(along, unit)), trace)
      const slope = tf.mul(tf.matMul(centred, byCovariance), 2 / (z.shape.at(-2)! - 1))
      return [tf.mul(slope, tf.reshape(dy, trace.shape))]
    },
  })
