/** How many threads an operation may use. */
import { availableParallelism } from "node:os"

/** What `$RELENT_THREADS` says, or as many as the machine has processors for this process. */
export const threadsWanted = (): number => {
  const given = Number(process.env["RELENT_THREADS"])
  return Number.isInteger(given) && given > 0 ? given : availableParallelism()
}
