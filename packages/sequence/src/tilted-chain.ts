/** A Markov policy under a tilt: a chain over pairs of token and state of the automaton, exact by messages in log space. */
import { logSumExp, NotADistribution } from "@relent/divergence"
import type { Draws } from "@relent/random"
import { logTransitions, makeMarkov, type MarkovPolicy, rowAt } from "./markov.ts"
import { type Samples, samplesOf } from "./samples.ts"
import type { Tilt } from "./tilt.ts"

/** `p(x) = pi0(x) exp(tilt(x)) / Z`. */
export interface TiltedChain {
  readonly prior: MarkovPolicy
  readonly tilt: Tilt
  readonly logZ: number
  /** `log sum over what follows of pi0 exp(tilt)`, `[length + 1, vocabulary, states]`. */
  readonly messages: Float64Array
  /** `log pi0`, of the shape of the prior's logits. */
  readonly logPrior: Float64Array
}

/**
 * Backward: `M_T(v, s) = final(s)`, `M_t(v, s) = log sum_w P0_t(v, w) exp(step(v, w) + M_(t+1)(w, next(s, w)))`, `log Z = M_0(start, 0)`.
 * Throws `NotADistribution` where Z is 0 or more than float64 holds.
 *
 * @reference korbak2022rl
 */
export const tilted = (prior: MarkovPolicy, tilt: Tilt): TiltedChain => {
  const { vocabulary: V, length, start } = prior
  const { states: S, step, next, final } = tilt
  if (tilt.vocabulary !== V)
    throw new NotADistribution({ argument: "target", reason: `its tilt is of ${tilt.vocabulary} tokens, not ${V}` })
  const logPrior = logTransitions(prior)
  const messages = new Float64Array((length + 1) * V * S)
  for (let v = 0; v < V; v++) messages.set(final, (length * V + v) * S)
  const terms = new Float64Array(V)
  for (let t = length - 1; t >= 0; t--)
    for (let v = 0; v < V; v++) {
      const row = rowAt(prior, t, v)
      for (let s = 0; s < S; s++) {
        for (let w = 0; w < V; w++)
          terms[w] = logPrior[row + w]! + step[v * V + w]! + messages[((t + 1) * V + w) * S + next[s * V + w]!]!
        messages[(t * V + v) * S + s] = logSumExp(terms)
      }
    }
  const logZ = messages[start * S]!
  if (!Number.isFinite(logZ))
    throw new NotADistribution({
      argument: "target",
      reason: logZ === -Infinity ? "every sequence has the weight 0" : `its log Z is ${logZ}`,
    })
  return { prior, tilt, logZ, messages, logPrior }
}

type At = { readonly t: number; readonly v: number; readonly s: number; readonly w: number }

/** `log p(w | v, s)` at place t; -infinity where the state can't be reached any more. */
const logStep = ({ prior, tilt, messages, logPrior }: TiltedChain, { t, v, s, w }: At): number => {
  const { vocabulary: V } = prior
  const here = messages[(t * V + v) * tilt.states + s]!
  if (here === -Infinity) return -Infinity
  const then = messages[((t + 1) * V + w) * tilt.states + tilt.next[s * V + w]!]!
  return logPrior[rowAt(prior, t, v) + w]! + tilt.step[v * V + w]! + then - here
}

/** Sums `h` over steps, and `end` over last states, by the probabilities of a chain whose steps have these logarithms. */
const expectOn = (
  { prior, tilt }: TiltedChain,
  logStepOf: (at: At) => number,
  h: (at: At, logP: number) => number,
  end: (state: number) => number = () => 0,
): number => {
  const { vocabulary: V, length, start } = prior
  const { states: S, next } = tilt
  let mu = new Float64Array(V * S)
  mu[start * S] = 1
  let total = 0
  for (let t = 0; t < length; t++) {
    const then = new Float64Array(V * S)
    for (let v = 0; v < V; v++)
      for (let s = 0; s < S; s++) {
        const here = mu[v * S + s]!
        if (here === 0) continue
        for (let w = 0; w < V; w++) {
          const logP = logStepOf({ t, v, s, w })
          const mass = here * Math.exp(logP)
          if (mass === 0) continue
          total += mass * h({ t, v, s, w }, logP)
          then[w * S + next[s * V + w]!]! += mass
        }
      }
    mu = then
  }
  for (let v = 0; v < V; v++) for (let s = 0; s < S; s++) if (mu[v * S + s]! > 0) total += mu[v * S + s]! * end(s)
  return total
}

/** `E_p` of a sum over steps and a number of the last state. */
export const expectTilted = (
  chain: TiltedChain,
  h: (v: number, w: number) => number,
  end: (state: number) => number = () => 0,
): number =>
  expectOn(
    chain,
    (at) => logStep(chain, at),
    ({ v, w }) => h(v, w),
    end,
  )

/** `E_q` of the same for a policy q of the same tokens. */
export const expectUnder = (
  chain: TiltedChain,
  q: MarkovPolicy,
  h: (v: number, w: number) => number,
  end: (state: number) => number = () => 0,
): number => {
  const logQ = logTransitions(q)
  return expectOn(
    chain,
    ({ t, v, w }) => logQ[rowAt(q, t, v) + w]!,
    ({ v, w }) => h(v, w),
    end,
  )
}

/** `KL(p || q)`, infinite where q misses what the target has. */
export const klFrom = (chain: TiltedChain, q: MarkovPolicy): number => {
  const logQ = logTransitions(q)
  const value = expectOn(
    chain,
    (at) => logStep(chain, at),
    ({ t, v, w }, logP) => logP - logQ[rowAt(q, t, v) + w]!,
  )
  return Math.max(0, value)
}

/** `ELBO(q) = E_q[log pi0 + tilt - log q]`, -infinity where q gives what the target forbids. `KL(q || p) = log Z - ELBO(q)`. */
export const elboOf = (chain: TiltedChain, q: MarkovPolicy): number => {
  const { prior, tilt, logPrior } = chain
  const logQ = logTransitions(q)
  const V = prior.vocabulary
  return expectOn(
    chain,
    ({ t, v, w }) => logQ[rowAt(q, t, v) + w]!,
    ({ t, v, w }, logP) => logPrior[rowAt(prior, t, v) + w]! + tilt.step[v * V + w]! - logP,
    (s) => tilt.final[s]!,
  )
}

/** `KL(q || p)` summed step by step: what a step of q costs against the same step of p, not a difference of the two above. */
export const klTo = (chain: TiltedChain, q: MarkovPolicy): number => {
  const logQ = logTransitions(q)
  const value = expectOn(
    chain,
    ({ t, v, w }) => logQ[rowAt(q, t, v) + w]!,
    (at, logP) => logP - logStep(chain, at),
  )
  return Math.max(0, value)
}

/** `H(p)` in nats. */
export const entropyOf = (chain: TiltedChain): number =>
  expectOn(
    chain,
    (at) => logStep(chain, at),
    (_, logP) => -logP,
  )

/** So many sequences of the target, each by its own draws. */
export const sampleTilted = (chain: TiltedChain, count: number, draws: (index: number) => Draws): Samples => {
  const { vocabulary: V, length, start } = chain.prior
  const tokens = new Int32Array(count * length)
  const weights = new Float64Array(V)
  for (let i = 0; i < count; i++) {
    const own = draws(i)
    let [v, s] = [start, 0]
    for (let t = 0; t < length; t++) {
      for (let w = 0; w < V; w++) weights[w] = Math.exp(logStep(chain, { t, v, s, w }))
      v = own.categorical(weights)
      s = chain.tilt.next[s * V + v]!
      tokens[i * length + t] = v
    }
  }
  return samplesOf(tokens, length)
}

/** The target as a policy with a table for each place: it is one where the automaton has a single state, else `undefined`. */
export const asPolicy = (chain: TiltedChain): MarkovPolicy | undefined => {
  const { vocabulary: V, length, start } = chain.prior
  if (chain.tilt.states > 1) return undefined
  const logits = Float64Array.from({ length: length * V * V }, (_, i) => {
    const at = { t: Math.floor(i / V ** 2), v: Math.floor(i / V) % V, s: 0, w: i % V }
    return logStep(chain, at)
  })
  return makeMarkov({ vocabulary: V, length, start, tied: false, logits })
}
