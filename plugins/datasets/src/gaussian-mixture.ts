/** A mixture of isotropic Gaussians, a class each. */
import { Count, NonNegative, orElse, Positive } from "@relent/named"
import { Stage, StageError } from "@relent/stage"
import { Schema } from "effect"
import { Points, Posterior } from "./schemas.ts"

/**
 * `posterior` holds the logits of the exact posterior: the best teacher there is. Class y is drawn from `weights`, then x ~ N(mean_y, deviation^2 I). Means are drawn from N(0, spread^2 I): two steps of one stream have the same means.
 * With `spread` 1 and `deviation` 1 it is the *Bayes mixture* of the distillation claims.
 *
 * @reference none: a textbook model
 */
export const gaussianMixture = Stage.make("datasets/gaussian-mixture", {
  module: import.meta.url,
  title: "A mixture of Gaussians, a class each",
  uses: ["random"],
  parameters: {
    rows: orElse(Count, 1000),
    classes: orElse(Count, 3),
    features: orElse(Count, 2),
    spread: orElse(NonNegative.annotate({ description: "standard deviation of the means" }), 1),
    deviation: orElse(Positive.annotate({ description: "standard deviation of each class" }), 1),
    weights: Schema.optionalKey(
      Schema.Array(NonNegative).annotate({ description: "shares of the classes; equal if not given" }),
    ),
    draw: orElse(Schema.Int.annotate({ description: "another sample of the same mixture: 0 to train, 1 to test" }), 0),
  },
  outputs: { data: Points, posterior: Posterior },
  sizes: ({ features, classes }) => ({ features, classes }),
  *run({ parameters: { rows, classes, features, spread, deviation, weights, draw }, random }) {
    if (weights !== undefined && weights.length !== classes)
      return yield* new StageError({
        message: `there are ${weights.length} weights for ${classes} classes`,
        hint: "give one weight a class",
      })
    const means = random("means").normals(classes * features)
    const draws = random("points", draw)
    const shares = weights ?? Array.from({ length: classes }, () => 1)
    const label = Int32Array.from({ length: rows }, () => draws.categorical(shares))
    const x = new Float32Array(rows * features)
    for (let i = 0; i < x.length; i++) {
      const mean = means[label[Math.floor(i / features)]! * features + (i % features)]!
      x[i] = spread * mean + deviation * draws.normal()
    }
    // log p(y | x) up to a constant of x: log w_y + (x . mean_y - |mean_y|^2 / 2) / deviation^2, finite for deviation > 0.
    const logits = new Float32Array(rows * classes)
    for (let i = 0; i < logits.length; i++) {
      const [row, c] = [Math.floor(i / classes), i % classes]
      let score = 0
      for (let k = 0; k < features; k++) {
        const mean = spread * means[c * features + k]!
        score += mean * (x[row * features + k]! - mean / 2)
      }
      logits[i] = Math.log(shares[c]!) + score / deviation ** 2
    }
    const id = Int32Array.from(label.keys())
    return { data: Points.make({ id, x, label }), posterior: Posterior.make({ id, logits }) }
  },
})
