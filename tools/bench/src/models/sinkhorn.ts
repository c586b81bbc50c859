/** An iteration of entropic optimal transport between uniform weights, on potentials. No gradient. */
import { tf } from "@relent/tensor"
import { uniform, zeros } from "./draws.ts"
import type { Model } from "./model.ts"

const [points, epsilon] = [1024, 0.05]
const logWeight = -Math.log(points)

/**
 * f = - eps log sum_j exp((g_j - C_ij) / eps + log b_j), then g alike; the loss is the mean of both, a dual value.
 */
export const sinkhorn: Model = {
  title: `Sinkhorn in logs, ${points}x${points}`,
  start: () => ({ cost: uniform(0, [points, points]), f: zeros([points, 1]), g: zeros([1, points]) }),
  inputs: () => ({}),
  step: ({ cost, g }) => {
    const half = (potential: typeof cost, axis: number) =>
      tf.mul(tf.add(tf.logSumExp(tf.div(tf.sub(potential!, cost!), epsilon), axis, true), logWeight), -epsilon)
    const f = half(g, 1)
    const next = half(f, 0)
    return { state: { cost: cost!, f, g: next }, outputs: { loss: tf.add(tf.mean(f), tf.mean(next)) } }
  },
}
