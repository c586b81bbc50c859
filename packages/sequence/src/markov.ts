/** Policies that know only the last token: everything additive about them is exact, by dynamic programming in float64. */
import { logSoftmax, NotADistribution } from "@relent/divergence"
import type { Draws } from "@relent/random"
import { checkLogWeights } from "./matrix.ts"
import { type Samples, samplesOf } from "./samples.ts"

/** A distribution over sequences of one length, each token given the one before: `pi(x) = prod_t P_t(x_(t-1), x_t)`, `x_0` the start. */
export interface MarkovPolicy {
  readonly kind: "markov"
  readonly contexts: 1
  /** Tokens are ids below it. */
  readonly vocabulary: number
  /** Tokens of a sequence, the start left out. */
  readonly length: number
  /** The token before the first. */
  readonly start: number
  /** One table for all places, or one a place. */
  readonly tied: boolean
  /** `[1 or length, vocabulary, vocabulary]`, row-major: `P_t(v, .)` is the softmax of a row. */
  readonly logits: Float64Array
}

const whole = (name: string, x: number, least: number, below = Infinity) => {
  if (!Number.isInteger(x) || x < least || x >= below)
    throw new NotADistribution({ argument: "policy", reason: `its ${name} is ${x}` })
}

/** A Markov policy; logits aren't copied. Throws `NotADistribution`. */
export const makeMarkov = (given: Omit<MarkovPolicy, "kind" | "contexts">): MarkovPolicy => {
  const { vocabulary, length, start, tied, logits } = given
  whole("vocabulary", vocabulary, 1)
  whole("length", length, 1)
  whole("start", start, 0, vocabulary)
  checkLogWeights("policy", { contexts: (tied ? 1 : length) * vocabulary, answers: vocabulary, values: logits })
  return { kind: "markov", contexts: 1, ...given }
}

/** The same policy with a table for each place: more than a tied one can be learnt then. */
export const untied = (policy: MarkovPolicy): MarkovPolicy => {
  if (!policy.tied) return policy
  const { length, logits } = policy
  const free = new Float64Array(length * logits.length)
  for (let t = 0; t < length; t++) free.set(logits, t * logits.length)
  return { ...policy, tied: false, logits: free }
}

/** Where the row of `P_t(v, .)` begins. */
export const rowAt = ({ vocabulary, tied }: MarkovPolicy, t: number, v: number): number =>
  ((tied ? 0 : t) * vocabulary + v) * vocabulary

/** Of policies that were asked before: their logits never change. */
const known = new WeakMap<Float64Array, Float64Array>()

/** `log P` of the shape of the logits; not to be written to. */
export const logTransitions = ({ vocabulary: V, logits }: MarkovPolicy): Float64Array => {
  const before = known.get(logits)
  if (before !== undefined) return before
  const out = new Float64Array(logits.length)
  for (let at = 0; at < logits.length; at += V) out.set(logSoftmax(logits.subarray(at, at + V)), at)
  known.set(logits, out)
  return out
}

/** `Pr(x_t = v)` for t = 0 … length, `[length + 1, vocabulary]`. */
export const marginals = (policy: MarkovPolicy): Float64Array => {
  const { vocabulary: V, length, start } = policy
  const P = logTransitions(policy).map(Math.exp)
  const mu = new Float64Array((length + 1) * V)
  mu[start] = 1
  for (let t = 0; t < length; t++)
    for (let v = 0; v < V; v++) {
      const here = mu[t * V + v]!
      if (here === 0) continue
      const row = rowAt(policy, t, v)
      for (let w = 0; w < V; w++) mu[(t + 1) * V + w]! += here * P[row + w]!
    }
  return mu
}

/** `E_pi sum_t h(t, x_(t-1), x_t)`; what never happens counts nothing, even at infinity. */
export const expectSteps = (policy: MarkovPolicy, h: (t: number, v: number, w: number) => number): number => {
  const { vocabulary: V, length } = policy
  const [logP, mu] = [logTransitions(policy), marginals(policy)]
  let total = 0
  for (let t = 0; t < length; t++)
    for (let v = 0; v < V; v++) {
      const here = mu[t * V + v]!
      if (here === 0) continue
      const row = rowAt(policy, t, v)
      for (let w = 0; w < V; w++) {
        const p = Math.exp(logP[row + w]!)
        if (p > 0) total += here * p * h(t, v, w)
      }
    }
  return total
}

/** `E_pi sum_t g(x_(t-1), x_t)` of a table `[vocabulary, vocabulary]`. */
export const expect = (policy: MarkovPolicy, g: Float64Array): number =>
  expectSteps(policy, (_, v, w) => g[v * policy.vocabulary + w]!)

/** `H(pi)` in nats. */
export const entropy = (policy: MarkovPolicy): number => {
  const logP = logTransitions(policy)
  return expectSteps(policy, (t, v, w) => -logP[rowAt(policy, t, v) + w]!)
}

/** `KL(policy || other) = sum_t sum_v mu_t(v) sum_w P_t(v, w) (log P_t - log Q_t)`, infinite where the definition says so. */
export const kl = (policy: MarkovPolicy, other: MarkovPolicy): number => {
  const [logP, logQ] = [logTransitions(policy), logTransitions(other)]
  const value = expectSteps(policy, (t, v, w) => logP[rowAt(policy, t, v) + w]! - logQ[rowAt(other, t, v) + w]!)
  return Math.max(0, value) // equal policies may round to -1e-17
}

/** `log P_t(x_(t-1), x_t)` of each token, `[rows, length]`. */
export const tokenLogProbabilities = (policy: MarkovPolicy, { length, tokens, lengths }: Samples): Float64Array => {
  const logP = logTransitions(policy)
  const out = new Float64Array(tokens.length)
  lengths.forEach((n, row) => {
    let before = policy.start
    for (let t = 0; t < n; t++) {
      const token = tokens[row * length + t]!
      out[row * length + t] = logP[rowAt(policy, t, before) + token]!
      before = token
    }
  })
  return out
}

/** `sum_(i, t) weights[i, t] grad log P_t(x_(t-1), x_t)` by the logits. */
export const score = (policy: MarkovPolicy, samples: Samples, weights: Float64Array): Float64Array => {
  const { vocabulary: V, logits } = policy
  const { length, tokens, lengths } = samples
  const logP = logTransitions(policy)
  const gradient = new Float64Array(logits.length)
  const totals = new Float64Array(logits.length / V)
  lengths.forEach((n, row) => {
    let before = policy.start
    for (let t = 0; t < n; t++) {
      const token = tokens[row * length + t]!
      const at = rowAt(policy, t, before)
      gradient[at + token]! += weights[row * length + t]!
      totals[at / V]! += weights[row * length + t]!
      before = token
    }
  })
  totals.forEach((total, r) => {
    if (total === 0) return
    for (let w = 0; w < V; w++) gradient[r * V + w]! -= total * Math.exp(logP[r * V + w]!)
  })
  return gradient
}

/** The first place of a row of rising sums that is above `u`; the last one that has any mass where rounding leaves none. */
const placeOf = (sums: Float64Array, from: number, V: number, u: number): number => {
  const total = sums[from + V - 1]!
  let w = 0
  while (w < V - 1 && sums[from + w]! <= u * total) w++
  while (w > 0 && sums[from + w] === sums[from + w - 1]) w--
  return w
}

/** So many sequences; the draws of sequence i are `draws(i)`, one a place: neither their number nor their order matters. */
export const sample = (policy: MarkovPolicy, count: number, draws: (index: number) => Draws): Samples => {
  const { vocabulary: V, length, start } = policy
  const sums = logTransitions(policy).map(Math.exp)
  for (let i = 0; i < sums.length; i++) if (i % V !== 0) sums[i]! += sums[i - 1]!
  const tokens = new Int32Array(count * length)
  for (let i = 0; i < count; i++) {
    const own = draws(i)
    let before = start
    for (let t = 0; t < length; t++) {
      before = placeOf(sums, rowAt(policy, t, before), V, own.uniform())
      tokens[i * length + t] = before
    }
  }
  return samplesOf(tokens, length)
}

/**
 * The gradient by the logits of `E_pi sum_t h_t(x_(t-1), x_t)` where `h` may hold `-beta log P` itself: `mu_t(v) P_t(v, w) (Q_t(v, w) -
 * V_t(v))`, `Q_t = h_t + V_(t+1)(w)`. The derivative of `log P` inside `h` has mean zero, so it is left out.
 */
export const gradientOfSteps = (policy: MarkovPolicy, h: (t: number, v: number, w: number) => number): Float64Array => {
  const { vocabulary: V, length, logits } = policy
  const [P, mu] = [logTransitions(policy).map(Math.exp), marginals(policy)]
  const gradient = new Float64Array(logits.length)
  let later = new Float64Array(V)
  for (let t = length - 1; t >= 0; t--) {
    const now = new Float64Array(V)
    for (let v = 0; v < V; v++) {
      const row = rowAt(policy, t, v)
      const Q = new Float64Array(V)
      for (let w = 0; w < V; w++) {
        const p = P[row + w]!
        if (p === 0) continue
        Q[w] = h(t, v, w) + later[w]!
        now[v]! += p * Q[w]!
      }
      for (let w = 0; w < V; w++) gradient[row + w]! += mu[t * V + v]! * P[row + w]! * (Q[w]! - now[v]!)
    }
    later = now
  }
  return gradient
}
