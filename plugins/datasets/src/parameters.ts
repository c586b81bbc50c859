/** Parameters that several stages share. */
import { Schema } from "effect"

/** A whole number above 0. */
export const Count = Schema.Int.check(Schema.isGreaterThan(0))
/** A number that is 0 or more. */
export const NonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
