/** What a target pays a sequence beside its prior: a number for each pair of tokens, and one for where an automaton ends. */
import { NotADistribution } from "@relent/divergence"
import type { Samples } from "./samples.ts"

/** `tilt(x) = sum_t step(x_(t-1), x_t) + final(s_T)`, `s_t = next(s_(t-1), x_t)`, `s_0 = 0`: a logarithm, -infinity where forbidden. */
export interface Tilt {
  readonly vocabulary: number
  /** States of the automaton. */
  readonly states: number
  /** `[vocabulary, vocabulary]`: before, then token. */
  readonly step: Float64Array
  /** `[states, vocabulary]` */
  readonly next: Int32Array
  /** `[states]` */
  readonly final: Float64Array
}

/** What a sequence has, as a number: whether one of these tokens occurs, or how often. */
export interface Feature {
  readonly how: "contains" | "count"
  readonly tokens: ReadonlyArray<number>
}

/** The tilt of a table of steps `[vocabulary, vocabulary]`: rewards over beta. */
export const stepTilt = (vocabulary: number, step: Float64Array): Tilt => ({
  vocabulary,
  states: 1,
  step,
  next: new Int32Array(vocabulary),
  final: new Float64Array(1),
})

/** `sum_i lambda_i phi_i(x)`; a feature whose lambda is infinite must be there. */
export const featureTilt = (vocabulary: number, features: ReadonlyArray<Feature>, lambda: ArrayLike<number>): Tilt => {
  for (const { tokens } of features)
    for (const token of tokens)
      if (!Number.isInteger(token) || token < 0 || token >= vocabulary)
        throw new NotADistribution({ argument: "a feature", reason: `there is no token ${token}` })
  const step = new Float64Array(vocabulary ** 2)
  const bits = features.map((_, i) => i).filter((i) => features[i]!.how === "contains")
  features.forEach(({ how, tokens }, i) => {
    if (how === "contains") return
    for (let v = 0; v < vocabulary; v++) for (const w of tokens) step[v * vocabulary + w]! += lambda[i]!
  })
  const states = 2 ** bits.length
  const next = Int32Array.from({ length: states * vocabulary }, (_, at) => {
    const [state, token] = [Math.floor(at / vocabulary), at % vocabulary]
    return bits.reduce((s, i, bit) => (features[i]!.tokens.includes(token) ? s | (1 << bit) : s), state)
  })
  const final = Float64Array.from({ length: states }, (_, state) =>
    bits.reduce((sum, i, bit) => {
      const isThere = (state & (1 << bit)) !== 0
      if (lambda[i] === Infinity) return isThere ? sum : -Infinity
      return isThere ? sum + lambda[i]! : sum
    }, 0),
  )
  return { vocabulary, states, step, next, final }
}

/** `tilt(x)` of each row; `start` is the token before the first. */
export const tiltOf = (tilt: Tilt, start: number, { length, tokens, lengths }: Samples): Float64Array =>
  Float64Array.from(lengths, (n, row) => {
    let [total, before, state] = [0, start, 0]
    for (let t = 0; t < n; t++) {
      const token = tokens[row * length + t]!
      total += tilt.step[before * tilt.vocabulary + token]!
      state = tilt.next[state * tilt.vocabulary + token]!
      before = token
    }
    return total + tilt.final[state]!
  })

/** `phi_i(x)` of each row and feature, `[rows, features]`. */
export const featuresOf = (features: ReadonlyArray<Feature>, { length, tokens, lengths }: Samples): Float64Array => {
  const out = new Float64Array(lengths.length * features.length)
  lengths.forEach((n, row) =>
    features.forEach(({ how, tokens: wanted }, i) => {
      let count = 0
      for (let t = 0; t < n; t++) if (wanted.includes(tokens[row * length + t]!)) count++
      out[row * features.length + i] = how === "count" ? count : Math.min(1, count)
    }),
  )
  return out
}
