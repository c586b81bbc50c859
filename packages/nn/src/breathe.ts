/** Long work in turns. */
import { Effect } from "effect"

/** Lets everything else in the process have its turn, an interruption above all. */
export const breathe = Effect.promise(() => new Promise<void>((resolve) => setImmediate(resolve)))
