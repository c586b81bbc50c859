/** How long something takes, by a clock that nobody sets. */
import { Clock, Effect } from "effect"

/** Starts, and gives the milliseconds since. */
export const stopwatch: Effect.Effect<Effect.Effect<number>> = Effect.map(Clock.monotonicTimeNanos, (begin) =>
  Effect.map(Clock.monotonicTimeNanos, (now) => Math.round(Number(now - begin) / 1e6)),
)
