/** An iteration of entropic optimal transport between uniform weights, on potentials. No gradient. */
import { tf, transportHalfSteps } from "@relent/tensor"
import { uniform, zeros } from "./draws.ts"
import type { Model } from "./model.ts"

const [points, epsilon] = [1024, 0.05]
const logWeight = -Math.log(points)

/**
 * f = - log sum_j exp(g_j - C_ij / eps + log b_j), then g alike, in units of eps; the loss is the mean of both times eps, a dual value.
 */
export const sinkhorn: Model = {
  title: `Sinkhorn in logs, ${points}x${points}`,
  start: () => ({ cost: uniform(0, [points, points]), f: zeros([points, 1]), g: zeros([points, 1]) }),
  inputs: () => ({}),
  step: ({ cost, g }) => {
    const half = transportHalfSteps(cost!, epsilon)
    const f = half.rows(g, logWeight)
    const next = half.columns(f, logWeight)
    return { state: { cost: cost!, f, g: next }, outputs: { loss: tf.mul(tf.add(tf.mean(f), tf.mean(next)), epsilon) } }
  },
}
