/** `node conformance.ts BACKEND`: some hundred small computations, against the backend in plain JavaScript. */
import { Backend, type TensorError, tf } from "@relent/tensor"
import { Effect } from "effect"
import { type Case, cases } from "./cases.ts"
import { part, row } from "./say.ts"

/** Of the largest value, or of 1. WGSL allows a sine 2^-11. */
const tolerance = 1e-3

const valuesOf = ({
  compute,
}: Case): Effect.Effect<ArrayLike<number>, TensorError | { readonly message: string }, Backend> =>
  Backend.use((backend) =>
    backend.run(
      Effect.promise(async () => {
        const tensor = tf.tidy(compute)
        const values = await tensor.data()
        tensor.dispose()
        return values
      }),
    ),
  ).pipe(Effect.catchDefect((defect) => Effect.fail({ message: String(defect) })))

/** The largest difference, of the largest value or of 1. */
const difference = (found: ArrayLike<number>, wanted: ArrayLike<number>): number => {
  if (found.length !== wanted.length) return Infinity
  const scale = Array.from(wanted).reduce((most, value) => Math.max(most, Math.abs(value)), 1)
  return (
    Array.from(wanted).reduce((most, value, i) => {
      const distance = Math.abs(found[i]! - value)
      return Math.max(most, distance === distance ? distance : found[i] === value ? 0 : Infinity)
    }, 0) / scale
  )
}

await part(() =>
  Effect.gen(function* () {
    let [agree, worst] = [0, 0]
    for (const each of cases) {
      const wanted = yield* valuesOf(each).pipe(Effect.provide(Backend.cpu), Effect.result)
      const found = yield* Effect.result(valuesOf(each))
      if (wanted._tag === "Failure") {
        row({ what: each.name, note: `cpu: ${wanted.failure.message}` })
        continue
      }
      if (found._tag === "Failure") {
        // What is known to be missing is no failure of the card.
        const lacks = "_tag" in found.failure && found.failure._tag === "KernelMissing"
        row({ what: each.name, note: found.failure.message, ...(lacks ? {} : { holds: false }) })
        continue
      }
      const off = difference(found.success, wanted.success)
      worst = Math.max(worst, off)
      if (off <= tolerance) agree++
      else row({ what: each.name, value: off, holds: false, note: `of the largest value; ${tolerance} is allowed` })
    }
    row({ what: `computations that agree with 'cpu', of ${cases.length}`, value: agree })
    row({ what: "largest difference", value: worst, note: "of the largest value, or of 1" })
  }),
)
