/** How good samples are. */
import { Column, TableSchema } from "@relent/arrow"
import { bandwidth, type NoPoints, unbiasedMmd } from "@relent/divergence"
import { Count, orElse } from "@relent/named"
import { Model } from "@relent/nn"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect } from "effect"
import { Distribution } from "./distribution.ts"
import { judged } from "./metrics/features.ts"
import { countOf, frechetDistance, type Rows } from "./metrics/frechet.ts"
import { coveredModes, nearestModes, sharesOf, totalVariation } from "./metrics/modes.ts"
import { energyDistance, precisionAndRecall } from "./metrics/neighbours.ts"
import { featuresOf, Points, Samples } from "./tables.ts"

const Metrics = TableSchema.make("one-step-diffusion/generation-metrics", 1, {
  member: Column.int32,
  /** Squared, between Gaussians fitted to the features. */
  frechet: Column.float64,
  precision: Column.float64,
  recall: Column.float64,
  energy: Column.float64,
  /** Squared, unbiased, with the median distance of real points as width: about 0 for samples like them. */
  mmd: Column.float64,
  /** Between the shares of modes and their weights, in [0, 1]. */
  totalVariation: Column.float64,
  /** Modes with more than a quarter of their weight, of all. */
  covered: Column.float64,
  /** Samples within three deviations of their mode; of a classifier's classes, which have none, all. */
  near: Column.float64,
})

const Shares = TableSchema.make("one-step-diffusion/mode-shares", 1, {
  member: Column.int32,
  mode: Column.int32,
  share: Column.float64,
  weight: Column.float64,
})

const first = ({ values, width }: Rows & { readonly values: Float32Array }, rows: number): Rows => ({
  values: values.subarray(0, rows * width),
  width,
})

const pointsOf = ({ values, width }: Rows) => ({ values, dimension: width })

/**
 * Samples against real points, member by member: on the features of a classifier, where there is one, else on the points themselves.
 * Modes are a mixture's components by nearest mean, or the classes that the classifier sees.
 *
 * @reference heusel2017gans
 * @reference kynkaanniemi2019improved
 * @reference szekely2013energy
 * @reference gretton2012
 */
export const generationMetrics = Stage.make("one-step-diffusion/generation-metrics", {
  module: import.meta.url,
  title: "Fréchet distance, precision and recall, energy distance, and shares of modes of samples",
  uses: ["backend"],
  parameters: {
    neighbours: orElse(
      Count.annotate({ description: "whose distance is the radius of a ball, for precision and recall" }),
      3,
    ),
    pairs: orElse(
      Count.annotate({ description: "rows at most of which all pairs are taken: precision, recall, energy" }),
      1000,
    ),
  },
  inputs: {
    samples: Samples,
    real: Points,
    classifier: Port.optional(Model),
    mixture: Port.optional(Distribution.only("isotropic-mixture")),
  },
  outputs: { metrics: Metrics, modes: Shares },
  *run({ parameters: { neighbours, pairs }, inputs: { samples, real, classifier: model, mixture } }) {
    const [made, known] = [yield* featuresOf(samples), yield* featuresOf(real)]
    const refuse = (message: string, hint: string) => new StageError({ message, hint })
    if (made.width !== known.width)
      return yield* refuse(
        `samples have ${made.width} coordinates, real points ${known.width}`,
        "compare like with like",
      )
    if (model !== undefined && model.kind !== "mlp")
      return yield* refuse(
        `features are a hidden layer of an mlp, and the classifier is a ${model.kind}`,
        "train an mlp",
      )
    const classifier = model
    if ((classifier === undefined) === (mixture === undefined))
      return yield* refuse("modes are a mixture's or a classifier's", "connect one of 'mixture' and 'classifier'")
    const coordinates = classifier?.widths[0] ?? mixture!.dimension
    if (coordinates !== made.width)
      return yield* refuse(
        `samples have ${made.width} coordinates, ${classifier ? "the classifier" : "the mixture"} ${coordinates}`,
        "use what was made for these points",
      )
    const seen = (rows: Rows & { readonly values: Float32Array }) =>
      Effect.gen(function* () {
        if (classifier !== undefined) {
          const { features, mode, classes } = yield* judged(classifier, rows)
          return { features, shares: sharesOf(mode, classes), near: 1 }
        }
        const { mode, deviations } = nearestModes(rows, mixture!)
        const near = deviations.filter((d) => d <= 3).length / deviations.length
        return { features: rows, shares: sharesOf(mode, mixture!.weights.length), near }
      })
    const reference = yield* seen(known)
    const weights = mixture?.weights ?? reference.shares
    const members = [...new Set(samples.columns.member)]
    const all = []
    for (const member of members) {
      const at = samples.columns.member.indexOf(member)
      const rows = samples.columns.member.lastIndexOf(member) - at + 1
      const values = made.values.subarray(at * made.width, (at + rows) * made.width)
      const { features, shares, near } = yield* seen({ values, width: made.width })
      const least = Math.min(countOf(features), countOf(reference.features))
      if (least <= neighbours)
        return yield* refuse(`there are ${least} rows, and ${neighbours} neighbours are wanted`, "give more rows")
      const [a, b] = [first(reference.features, pairs), first(features, pairs)]
      const width = yield* Effect.try({
        try: () => bandwidth("median", pointsOf(a)),
        catch: (error) => error as NoPoints,
      })
      const row = {
        member,
        frechet: frechetDistance(reference.features, features),
        ...precisionAndRecall(a, b, neighbours),
        energy: energyDistance(a, b),
        mmd: unbiasedMmd(pointsOf(a), pointsOf(b), width),
        totalVariation: totalVariation(shares, weights),
        covered: coveredModes(shares, weights) / weights.length,
        near,
      }
      all.push({ row, shares: [...shares].map((share, mode) => ({ member, mode, share, weight: weights[mode]! })) })
      yield* Effect.yieldNow
    }
    return {
      metrics: Metrics.fromRows(all.map(({ row }) => row)),
      modes: Shares.fromRows(all.flatMap(({ shares }) => shares)),
    }
  },
})
