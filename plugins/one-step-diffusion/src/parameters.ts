/** Parameters that several stages share. */
import { Divergence, type FDivergence, Property } from "@relent/divergence"
import { orElse, Positive } from "@relent/named"
import { Schema } from "effect"

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
