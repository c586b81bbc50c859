/** The ranges that most parameters have, and a default. */
import { Effect, Schema } from "effect"

/** A whole number above 0. */
export const Count = Schema.Int.check(Schema.isGreaterThan(0))
/** A finite number above 0. */
export const Positive = Schema.Finite.check(Schema.isGreaterThan(0))
/** A finite number, 0 or more. */
export const NonNegative = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))
/** A number in [0, 1]. */
export const Share = Schema.Finite.check(Schema.isBetween({ minimum: 0, maximum: 1 }))

/**
 * The schema with a default, which is written as a document would write it.
 *
 * ```ts example
 * import { Count, orElse } from "@relent/named"
 * import { Schema } from "effect"
 * const parameters = Schema.Struct({ steps: orElse(Count, 100) })
 * Schema.decodeUnknownSync(parameters)({}).steps // => 100
 * ```
 */
export const orElse = <A, I, R>(schema: Schema.Codec<A, I, R>, value: NoInfer<I>) =>
  schema.pipe(Schema.withDecodingDefaultKey(Effect.succeed(value)))
