/** Sinkhorn distance between the outputs of a batch: which row of the student goes to which of the teacher is found by transport. */
import { kernelHolds, sinkhornPlan } from "@relent/divergence/tensor"
import { Count, orElse, Positive } from "@relent/named"
import { type Tensor, tf } from "@relent/tensor"
import { Schema } from "effect"
import { type BaseOptions, baseTerms, something } from "./base.ts"
import { type DistillationLoss, Loss, type LossInput, type Sizes } from "./loss.ts"
import { costOfOutputs, type GroundOptions, groundParameters } from "./output-cost.ts"

export interface TransportOptions extends GroundOptions {
  readonly epsilon: number
  readonly iterations: number
  readonly domain: "log" | "kernel"
  readonly gradient: "unrolled" | "envelope"
  readonly reduction: "mean" | "sum"
}

/**
 * SD = sum_ij P_ij W_ij, row by row `[..., B]`: P is the plan of `exp(-W / epsilon)` after the iterations, all of its marginals 1. The
 * mean over the rows is SD / B with `mean`, SD with `sum`. The entropy is no part of it.
 *
 * @reference cui2024sinkd
 */
export const sinkhornRows = (options: TransportOptions, { student, teacher }: LossInput): Tensor => {
  const w = costOfOutputs(options, student, teacher)
  const rows = w.shape.at(-1)!
  const moved = tf.sum(tf.mul(sinkhornPlan(w, options), w), -1) // of mass 1 in all, so a row is 1 / B
  return tf.mul(moved, options.reduction === "mean" ? rows : rows ** 2)
}

/** Parameters of the loss. */
const parameters = {
  ...groundParameters,
  epsilon: orElse(Positive.annotate({ description: "weight of the entropy, against costs in [0, 2]" }), 0.1),
  iterations: orElse(Count.annotate({ description: "pairs of half-steps" }), 20),
  reduction: orElse(
    Schema.Literals(["mean", "sum"]).annotate({
      description: "'sum' is the official code's, with a weight of 0.0008: it grows with the batch",
    }),
    "mean" as const,
  ),
  domain: orElse(
    Schema.Literals(["log", "kernel"]).annotate({ description: "in logarithms, or by dividing rows and columns" }),
    "log" as const,
  ),
  gradient: orElse(
    Schema.Literals(["unrolled", "envelope"]).annotate({
      description: "through the iterations, or with the plan as a constant: cheaper, not the gradient of this loss",
    }),
    "unrolled" as const,
  ),
  memory: orElse(Positive.annotate({ description: "MiB that the differences of all pairs of a batch may take" }), 512),
}

export interface SinkdOptions extends TransportOptions, BaseOptions {
  readonly weight: number
  readonly memory: number
}

/** Nothing of the kernel underflows in float32. */
const holds = Schema.makeFilter(({ domain, epsilon }: Pick<TransportOptions, "domain" | "epsilon">) =>
  domain === "log" || kernelHolds(2, epsilon)
    ? undefined
    : { path: ["epsilon"], issue: `wants at least 0.025 in the kernel domain, got ${epsilon}; use domain 'log'` },
)

/**
 * (1 - alpha) CE(y, S) + alpha KD + weight SD. With `reduction: sum` and weight 0.0008 it is the official code's total, where the last
 * term is a thousandth of the others.
 *
 * @reference cui2024sinkd
 */
export const sinkdLoss = (options: SinkdOptions): DistillationLoss => {
  const { weight, memory } = options
  const base = baseTerms(options)
  const loss: DistillationLoss = (input) =>
    tf.addN(weight === 0 ? base(input) : [...base(input), tf.mul(sinkhornRows(options, input), weight)])
  return Object.assign(loss, {
    coupled: weight > 0,
    anneals: options.kdAnneal,
    warning: ({ classes, batch }: Sizes) => {
      if (weight === 0) return undefined
      if (batch === 1) return "a batch of one row has no geometry: 'sinkd' is then the distance of its two outputs"
      return classes === 2 ? "of two classes 'sinkd' sees one number a row: there is little geometry" : undefined
    },
    refusal: ({ members, batch, classes }: Sizes) => {
      const needed = (members * batch ** 2 * classes * 4) / 2 ** 20
      return weight === 0 || needed <= memory
        ? undefined
        : {
            message: `the differences of all pairs of ${batch} rows take ${Math.ceil(needed)} MiB, 'memory' allows ${memory}`,
            hint: "make the batch smaller, or allow more",
          }
    },
  })
}

export const sinkd = Loss.define(
  import.meta.url,
  "distillation/sinkd",
  1,
  Schema.Struct(parameters).check(something, holds),
  sinkdLoss,
)
