/** Targets asked about sequences, whatever their kind. */
import { Chain, Exact, policyOf, rowSums, type Samples, type Target, Tabular, tiltOf } from "@relent/sequence"
import { tokenLogProbabilities } from "@relent/sequence/policies"
import type { Draws } from "@relent/random"
import type { Backend, TensorError } from "@relent/tensor"
import { Effect } from "effect"

/** `log w(x)` of each row, -infinity outside the support. */
export const logScores = (target: Target, samples: Samples): Effect.Effect<Float64Array, TensorError, Backend> => {
  if (target.kind === "tabular") {
    const { contexts, length, tokens } = samples
    return Effect.succeed(
      Float64Array.from(contexts, (c, row) => Tabular.row(target.logScore, target.answers, c)[tokens[row * length]!]!),
    )
  }
  const { prior, tilt } = target.kind === "markov" ? target.chain : target
  const tilts = tiltOf(tilt, prior.start, samples)
  return Effect.map(tokenLogProbabilities(prior, samples), (logs) =>
    rowSums(samples, logs).map((l, i) => l + tilts[i]!),
  )
}

/** So many sequences of the target itself, where it can be sampled. */
export const sampleTarget = (
  target: Target,
  context: number,
  count: number,
  draws: (index: number) => Draws,
): Samples | undefined =>
  target.kind === "tabular"
    ? Exact.sample(policyOf(target), context, count, draws)
    : target.kind === "markov"
      ? Chain.sampleTilted(target.chain, count, draws)
      : undefined
