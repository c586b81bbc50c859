/** How many threads an operation may use: a setting of the process, as the backend is one of the process. */
import { availableParallelism } from "node:os"

const whole = (text: string | undefined): number | undefined => {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? number : undefined
}

/** What `$RELENT_THREADS` says, or one for each processor. */
export const threadsWanted = (): number => whole(process.env["RELENT_THREADS"]) ?? availableParallelism()

/** The same where their number changes no bits: by default the processors are divided between `$RELENT_PROCESSES`. */
export const threadsShared = (): number =>
  whole(process.env["RELENT_THREADS"]) ??
  Math.max(1, Math.floor(availableParallelism() / (whole(process.env["RELENT_PROCESSES"]) ?? 1)))
