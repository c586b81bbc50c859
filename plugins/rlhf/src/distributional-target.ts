/** States a target by what its samples should have, and how often. */
import { Column, TableSchema } from "@relent/arrow"
import { Count, orElse, Positive } from "@relent/named"
import { concat, type Feature, featureTilt, lengthOf, letters, Policy, Target, vocabularyOf } from "@relent/sequence"
import { sample } from "@relent/sequence/policies"
import { Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { distribution } from "./refuse.ts"
import { constrain, exactMoments, sampledMoments, tiltedTarget } from "./target/constrain.ts"

const Moments = TableSchema.make("rlhf/moments", 1, {
  feature: Column.utf8,
  moment: Column.float64,
  achieved: Column.float64,
  /** Infinite for a feature that must be there. */
  lambda: Column.float64,
  iterations: Column.int32,
})

const tokens = Schema.Union([Schema.NonEmptyArray(Schema.Int), Schema.NonEmptyString]).annotate({
  description: "ids, or letters (space, a to z); of a tabular policy its answers",
})
const Wanted = Schema.Union([
  Schema.Struct({ contains: tokens, moment: Schema.Finite }),
  Schema.Struct({ count: tokens, moment: Schema.Finite }),
]).annotate({
  description: "the share of samples that contain one of some tokens, or their mean number in a sample",
})
type Wanted = typeof Wanted.Type

const spelled = (feature: Wanted) =>
  JSON.stringify("contains" in feature ? { contains: feature.contains } : { count: feature.count })

const featureOf = (feature: Wanted): Feature => {
  const given = "contains" in feature ? feature.contains : feature.count
  return {
    how: "contains" in feature ? "contains" : "count",
    tokens: typeof given === "string" ? [...letters.encode(given)] : given,
  }
}

/**
 * The distribution nearest to the prior, in KL(p || prior), with these moments: `p = prior exp(sum lambda phi) / Z`. A share of 1 is a hard
 * constraint: what lacks the feature gets no probability.
 *
 * @reference khalifa2021distributional
 * @reference go2023fdpg
 */
export const distributionalTarget = Stage.make("rlhf/distributional-target", {
  module: import.meta.url,
  title: "A target by features of its samples, near a prior",
  uses: ["backend", "random"],
  parameters: {
    features: Schema.NonEmptyArray(Wanted),
    moments: orElse(
      Schema.Literals(["exact", "sampled"]).annotate({
        description: "how moments are computed while lambda is sought",
      }),
      "exact" as const,
    ),
    samples: orElse(Count.annotate({ description: "of the prior, a context, where they are sampled" }), 512),
    learningRate: orElse(Positive, 0.05),
    tolerance: orElse(Positive.annotate({ description: "largest error of a moment" }), 1e-5),
    iterations: orElse(Count, 1000),
  },
  inputs: { prior: Policy },
  outputs: { target: Target, moments: Moments },
  *run({ parameters, inputs: { prior }, random, warn }) {
    const { features: wanted } = parameters
    const features = wanted.map(featureOf)
    const refuse = (message: string, hint: string) => Effect.fail(new StageError({ message, hint }))
    for (const [k, { how, tokens: known }] of features.entries()) {
      const { moment } = wanted[k]!
      const unknown = known.find((token) => token < 0 || token >= vocabularyOf(prior))
      if (unknown !== undefined)
        return yield* refuse(`there is no token ${unknown}`, `the prior knows 0 to ${vocabularyOf(prior) - 1}`)
      const top = how === "contains" ? 1 : lengthOf(prior)
      if (!(moment > 0) || moment > top || (how === "count" && moment === top))
        return yield* refuse(
          `no finite lambda gives ${spelled(wanted[k]!)} the moment ${moment}`,
          how === "contains" ? "a share lies above 0, and 1 is a hard constraint" : `a mean lies between 0 and ${top}`,
        )
    }
    const start = Float64Array.from(features, ({ how }, k) =>
      how === "contains" && wanted[k]!.moment === 1 ? Infinity : 0,
    )
    if (parameters.moments === "exact" && prior.kind === "autoregressive")
      return yield* refuse("moments of an autoregressive policy can't be exact", "say moments: sampled")
    const momentsAt =
      parameters.moments === "exact" && prior.kind !== "autoregressive"
        ? exactMoments(prior, features)
        : sampledMoments(
            features,
            concat(
              ...(yield* Effect.forEach(Array.from({ length: prior.contexts }), (_, c) =>
                sample(prior, c, parameters.samples, (i) => random("prior", c, i)),
              )),
            ),
          )
    const hint = "ask for what the prior can give"
    const fit = yield* distribution(
      () =>
        constrain(
          momentsAt,
          start,
          wanted.map(({ moment }) => moment),
          parameters,
        ),
      hint,
    )
    if (!fit.achieved.every(Number.isFinite))
      return yield* refuse("no sample has the features that must be there", "take more samples, or another prior")
    if (!fit.isConverged)
      yield* warn(`after ${fit.iterations} iterations a moment is still off by more than ${parameters.tolerance}`)
    const target = yield* distribution(
      () => tiltedTarget(prior, featureTilt(vocabularyOf(prior), features, fit.lambda)),
      hint,
    )
    const moments = Moments.fromRows(
      wanted.map((feature, k) => ({
        feature: spelled(feature),
        moment: feature.moment,
        achieved: fit.achieved[k]!,
        lambda: fit.lambda[k]!,
        iterations: fit.iterations,
      })),
    )
    return { target, moments }
  },
})
