/** How many threads an operation may use: a setting of the process, as the backend is one of the process. */
import { availableParallelism } from "node:os"

const whole = (text: string | undefined): number | undefined => {
  const number = Number(text)
  return Number.isInteger(number) && number > 0 ? number : undefined
}

const given = () => whole(process.env["RELENT_THREADS"])

/** What `$RELENT_THREADS` says, or one for each processor. */
export const threadsWanted = (): number => given() ?? availableParallelism()

/** The same where their number changes no bits: by default the processors are divided between `$RELENT_PROCESSES`. */
export const threadsShared = (): number =>
  given() ?? Math.max(1, Math.floor(availableParallelism() / (whole(process.env["RELENT_PROCESSES"]) ?? 1)))
