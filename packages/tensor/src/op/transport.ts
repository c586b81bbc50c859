/** Half-steps of entropic optimal transport, in logarithms. */
import { type Tensor, tf } from "../tf.ts"
import { finite, logSumExp } from "./log-sum-exp.ts"
import { isThere, kernel, operation, taped } from "./operation.ts"

/** Which potential comes of the other: that of the cost's rows, or of its columns. */
export type Side = "rows" | "columns"
export interface HalfStep {
  readonly epsilon: number
  readonly logMass: number
  readonly of: Side
}

/** Names of the kernels. */
export const HalfStepKernel = "RelentTransportHalfStep"
export const HalfStepGradKernel = "RelentTransportHalfStepGrad"

const swap = (x: Tensor): Tensor => {
  const axes = x.shape.map((_, i) => i)
  return tf.transpose(x, [...axes.slice(0, -2), axes.length - 1, axes.length - 2])
}
const toRows = (x: Tensor, of: Side) => (of === "rows" ? x : swap(x))

/** Of costs in units of -epsilon, whose rows are what the potential is of. */
const half = (scaled: Tensor, h: Tensor | undefined, logMass: number): Tensor =>
  tf.neg(tf.add(logSumExp(h === undefined ? scaled : tf.add(scaled, swap(h)), true), logMass))

type GradInputs = { readonly [name in "dy" | "cost" | "h" | "y"]: Tensor }

/** dy_i p_ij / epsilon, p_ij = exp(h_j - C_ij / epsilon - log sum): the gradient by the cost. */
const slopeByParts = ({ dy, cost, h, y }: GradInputs, { epsilon, logMass, of }: HalfStep): Tensor => {
  const x = tf.add(toRows(tf.div(cost, -epsilon), of), swap(h))
  const p = tf.exp(tf.sub(x, finite(tf.neg(tf.add(y, logMass)))))
  return toRows(tf.div(tf.mul(dy, p), epsilon), of)
}
const slopeAtOnce = kernel<keyof GradInputs, HalfStep, Tensor>(HalfStepGradKernel, slopeByParts)

const atOnce = operation<"cost" | "h", HalfStep>({
  kernel: HalfStepKernel,
  inputs: ["cost", "h"],
  inParts: true,
  compute: ({ cost, h }, { epsilon, logMass, of }) => half(toRows(tf.div(cost, -epsilon), of), h, logMass),
  gradient: (dy, { cost, h }, [y], attributes) => {
    const slope = (taped() ? slopeByParts : slopeAtOnce)({ dy, cost, h, y: y! }, attributes)
    return {
      cost: () => slope,
      h: () =>
        tf.mul(attributes.of === "rows" ? swap(tf.sum(slope, -2, true)) : tf.sum(slope, -1, true), -attributes.epsilon),
    }
  },
})

export interface HalfSteps {
  /** f_i = -(log sum_j exp(h_j - C_ij / epsilon) + logMass): `[..., n, 1]` of h `[..., m, 1]`, by default 0. */
  readonly rows: (h: Tensor | undefined, logMass: number) => Tensor
  /** g_j = -(log sum_i exp(h_i - C_ij / epsilon) + logMass): `[..., m, 1]` of h `[..., n, 1]`, by default 0. */
  readonly columns: (h: Tensor | undefined, logMass: number) => Tensor
}

/**
 * The two half-steps of Sinkhorn's iteration for costs C `[..., n, m]`, on potentials in units of epsilon. h is the other potential, with
 * the logarithm of its points' masses added where those aren't equal (-Infinity for a point of none); the mass of each is exp(logMass)
 * where they are. Infinity of nothing but masses of 0, where the gradient is 0.
 *
 * @reference cuturi2013
 */
export const transportHalfSteps = (cost: Tensor, epsilon: number): HalfSteps => {
  if (isThere(HalfStepKernel) && cost.dtype === "float32") {
    const [n, m] = cost.shape.slice(-2) as [number, number]
    const zeros = (points: number) => tf.zeros([...cost.shape.slice(0, -2), points, 1])
    return {
      rows: (h = zeros(m), logMass) => atOnce({ cost, h }, { epsilon, logMass, of: "rows" }),
      columns: (h = zeros(n), logMass) => atOnce({ cost, h }, { epsilon, logMass, of: "columns" }),
    }
  }
  const rows = tf.div(cost, -epsilon)
  const columns = swap(rows)
  return { rows: (h, logMass) => half(rows, h, logMass), columns: (h, logMass) => half(columns, h, logMass) }
}
