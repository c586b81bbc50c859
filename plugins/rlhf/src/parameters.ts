/** Parameters that several stages share. */
import { Effect, Schema } from "effect"

export const Count = Schema.Int.check(Schema.isGreaterThan(0))

export const orElse = <A, I, R>(schema: Schema.Codec<A, I, R>, value: NoInfer<I>) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))

export const hardConstraint = orElse(
  Schema.Boolean.annotate({ description: "a reward of -infinity is meant: that answer must never be given" }),
  false,
)
