/** Parameters that several stages share. */
import { Effect, Schema } from "effect"

/** A whole number above 0. */
export const Count = Schema.Int.check(Schema.isGreaterThan(0))
/** A number above 0. */
export const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
/** A number that is 0 or more. */
export const NonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

export const orElse = <A, I, R>(schema: Schema.Codec<A, I, R>, value: NoInfer<I>) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

/** Plain gradient descent. */
export const descent = {
  steps: orElse(Count, 3000),
  learningRate: orElse(Positive, 2),
  every: orElse(Count.annotate({ description: "steps between two metrics and checkpoints" }), 500),
}
