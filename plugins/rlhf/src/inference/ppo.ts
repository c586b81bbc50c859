/** Proximal policy optimisation: what a token is worth, and what moves policy and critic. */

/** Rows of tokens `[rows, length]` of which the first `lengths[row]` count. */
export interface Shape {
  readonly length: number
  readonly lengths: Int32Array
}

/**
 * `delta_t = r_t + gamma V_(t+1) - V_t`, `A_t = delta_t + gamma lambda A_(t+1)`; V after the last token is 0.
 *
 * @reference schulman2016gae
 */
export const generalisedAdvantages = (
  { length, lengths }: Shape,
  rewards: Float64Array,
  values: Float64Array,
  gamma: number,
  lambda: number,
): Float64Array => {
  const out = new Float64Array(rewards.length)
  lengths.forEach((n, row) => {
    let [later, value] = [0, 0]
    for (let t = n - 1; t >= 0; t--) {
      const i = row * length + t
      later = rewards[i]! + gamma * value - values[i]! + gamma * lambda * later
      value = values[i]!
      out[i] = later
    }
  })
  return out
}

const counted = ({ length, lengths }: Shape): ReadonlyArray<number> =>
  Array.from(lengths).flatMap((n, row) => Array.from({ length: n }, (_, t) => row * length + t))

/** Mean 0 and variance 1 over the tokens that count; others stay 0. */
export const whitened = (shape: Shape, x: Float64Array): Float64Array => {
  const at = counted(shape)
  const mean = at.reduce((sum, i) => sum + x[i]!, 0) / at.length
  const variance = at.reduce((sum, i) => sum + (x[i]! - mean) ** 2, 0) / at.length
  const out = new Float64Array(x.length)
  for (const i of at) out[i] = (x[i]! - mean) / Math.sqrt(variance + 1e-8)
  return out
}

export interface Clipping {
  readonly eps: number
  readonly epsv: number
  readonly vfCoef: number
}

export interface Rollout {
  readonly logs: Float64Array
  readonly values: Float64Array
  readonly advantages: Float64Array
  readonly returns: Float64Array
}

const clip = (x: number, low: number, high: number) => Math.min(high, Math.max(low, x))

/**
 * The mean over tokens of `max(-A rho, -A clip(rho, 1 - eps, 1 + eps)) + vfCoef / 2 max((V - ret)^2, (Vclip - ret)^2)`, `rho = pi / pi_old`,
 * `Vclip = V_old + clip(V - V_old, -epsv, epsv)`, with its derivatives by `log pi` and by V of each token.
 *
 * @reference schulman2017ppo
 */
export const clippedLoss = (
  shape: Shape,
  old: Rollout,
  logs: Float64Array,
  values: Float64Array,
  { eps, epsv, vfCoef }: Clipping,
) => {
  const at = counted(shape)
  const [byLog, byValue] = [new Float64Array(logs.length), new Float64Array(logs.length)]
  let loss = 0
  for (const i of at) {
    const [A, ret] = [old.advantages[i]!, old.returns[i]!]
    const rho = Math.exp(logs[i]! - old.logs[i]!)
    const [free, bound] = [-A * rho, -A * clip(rho, 1 - eps, 1 + eps)]
    const moved = old.values[i]! + clip(values[i]! - old.values[i]!, -epsv, epsv)
    const [plain, held] = [(values[i]! - ret) ** 2, (moved - ret) ** 2]
    loss += (Math.max(free, bound) + (vfCoef / 2) * Math.max(plain, held)) / at.length
    if (free >= bound) byLog[i] = free / at.length
    if (plain >= held) byValue[i] = (vfCoef * (values[i]! - ret)) / at.length
  }
  return { loss, byLog, byValue }
}
