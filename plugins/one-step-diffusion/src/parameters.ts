/** Parameters that several stages share. */
import { Divergence, type FDivergence, Property } from "@relent/divergence"
import { Effect, Schema } from "effect"

/** A whole number above 0. */
export const Count = Schema.Int.check(Schema.isGreaterThan(0))
/** A number above 0. */
export const Positive = Schema.Finite.check(Schema.isGreaterThan(0))

export const orElse = <A, I, R>(schema: Schema.Codec<A, I, R>, value: NoInfer<I>) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/** Bounds of the ratio r = p / q. */
export interface Clip {
  readonly lower: number
  readonly upper: number
}

/** What is minimised: a divergence, and the ratio it sees. */
export interface Objective {
  readonly divergence: FDivergence
  readonly clip?: Clip | undefined
}

/** The divergence of teacher and student; its score weight needs a second derivative. */
export const divergence = orElse(Divergence.having(Property.smooth), "jensen-shannon")

export const objective = {
  divergence,
  clip: Schema.optionalKey(
    Schema.Struct({ lower: Positive, upper: Positive })
      .check(Schema.makeFilter(({ lower, upper }) => (lower < 1 && upper > 1) || "wants lower < 1 < upper"))
      .annotate({ description: "bounds of the density ratio p / q; without them it is exact" }),
  ),
}
