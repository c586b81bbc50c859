/** Parameters that several stages share. */
import { Effect, Schema } from "effect"

/** A whole number above 0. */
export const Count = Schema.Int.check(Schema.isGreaterThan(0))
/** A finite number above 0. */
export const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
/** A finite number, 0 or more. */
export const NonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** The schema with a default. */
export const orElse = <A, I, R>(schema: Schema.Codec<A, I, R>, value: NoInfer<I>) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

export const sigma = orElse(
  Positive.annotate({ description: "width of the Gaussian kernel, in units of the points" }),
  1,
)
