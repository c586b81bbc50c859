/** Divergences estimated from samples, by their log-ratios. */
import { Data } from "effect"
import type { Generator } from "./arithmetic.ts"
import { type Derived, derive } from "./calculus/derived.ts"
import type { FDivergence } from "./f-divergence.ts"
import { evaluate } from "./limit.ts"

/** A sample mean and its standard error; the error of a single sample is NaN. */
export interface Estimate {
  readonly value: number
  readonly standardError: number
}

const mean = (values: ReadonlyArray<number>): Estimate => {
  const n = values.length
  const value = values.reduce((total, v) => total + v, 0) / n
  const squares = values.reduce((total, v) => total + (v - value) ** 2, 0)
  return { value, standardError: Math.sqrt(squares / (n - 1) / n) }
}

/** Log-ratios that give no estimate. */
export class NoEstimate extends Data.TaggedError("NoEstimate")<{ readonly reason: string }> {
  override get message() {
    return `there is no estimate: ${this.reason}`
  }
}

type Bias = "unbiased" | "biased"

/**
 * The facts of `fromSamples`, and of the losses `terms` with their samples held fixed: the gradient by the model of a mean
 * over its own samples lacks the part that moves the samples.
 */
export const sampleFacts = {
  model: { value: "unbiased", gradient: "biased" },
  target: { value: "unbiased", gradient: "unbiased" },
} as const satisfies Record<string, { readonly value: Bias; readonly gradient: Bias }>

/**
 * `D(target || model)` from samples of the model, `mean f(u)`, or of the target, `mean f(u) / u`: unbiased, no term below
 * 0. `logU = log target - log model` at each sample, both normalised; infinite where one of them is 0. Throws `NoEstimate`.
 */
export const fromSamples = (
  { derived }: FDivergence,
  samplesOf: keyof typeof sampleFacts,
  logU: ArrayLike<number>,
): Estimate => {
  if (logU.length === 0) throw new NoEstimate({ reason: "there are no samples" })
  const values = Array.from(logU, (l, i) => {
    if (Number.isNaN(l)) throw new NoEstimate({ reason: `the log-ratio of sample ${i} is NaN` })
    return evaluate(samplesOf === "model" ? derived.f : derived.perTarget, l)
  })
  return mean(values)
}

/**
 * An estimator of `KL(model || target)` from samples of the model, of `logT = log model - log target`. It is used in two
 * ways that differ in bias: as a penalty its value counts (in a reward, without gradient), as a loss only its slope
 * (samples held fixed, gradient through `log model`). @reference schulman2020kl
 */
export interface Estimator<Value extends Bias = Bias, Gradient extends Bias = Bias> {
  readonly name: string
  readonly formula: string
  /** Whether its mean is the divergence. */
  readonly value: Value
  /** Whether the mean gradient of the loss is the gradient of the divergence. */
  readonly gradient: Gradient
  /** What the loss descends in the mean: another divergence, or nothing at all. */
  readonly descends: "reverse-kl" | "kl" | "nothing"
  /** In `u = target / model`. */
  readonly derived: Derived
  /** The penalty at `logT`. */
  readonly penalty: (logT: number) => number
  /** The slope of the loss by `log model`: its gradient is this times the gradient of `log model`. */
  readonly slope: (logT: number) => number
}

const estimator = <Value extends Bias, Gradient extends Bias>(
  facts: Pick<Estimator<Value, Gradient>, "name" | "formula" | "value" | "gradient" | "descends">,
  generator: Generator,
): Estimator<Value, Gradient> => {
  const derived = derive(generator)
  return {
    ...facts,
    derived,
    penalty: (logT) => evaluate(derived.f, -logT),
    slope: (logT) => -evaluate(derived.byTarget, -logT),
  }
}

/** `logT`: the plain log-ratio. As a loss it moves nothing: the mean of a score is 0. */
export const k1 = estimator(
  { name: "k1", formula: "log t", value: "unbiased", gradient: "biased", descends: "nothing" },
  (u, { mul, log }) => mul(-1, log(u)),
)
/** `logT^2 / 2`: as a loss exact, as a value biased. */
export const k2 = estimator(
  { name: "k2", formula: "(log t)^2 / 2", value: "biased", gradient: "unbiased", descends: "reverse-kl" },
  (u, { div, mul, log }) => div(mul(log(u), log(u)), 2),
)
/** `exp(-logT) - 1 + logT`, never below 0. As a loss it descends the other KL, `KL(target || model)`. */
export const k3 = estimator(
  { name: "k3", formula: "1/t - 1 + log t", value: "unbiased", gradient: "biased", descends: "kl" },
  (u, { sub, log }) => sub(sub(u, 1), log(u)),
)

/** The three, by name. */
export const estimators = { k1, k2, k3 }
