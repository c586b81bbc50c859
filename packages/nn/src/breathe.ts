/** Long work in turns. */
import { Effect } from "effect"

/**
 * Lets everything else in the process have its turn, an interruption above all. Two turns, since signals are heard between
 * them: after work that itself ran on an event, the first comes before the event loop listens again.
 */
export const breathe = Effect.promise(
  () => new Promise<void>((resolve) => setImmediate(() => setImmediate(() => resolve()))),
)
