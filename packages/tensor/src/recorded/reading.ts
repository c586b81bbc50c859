/** Nothing may be read inside a step: it would be frozen in the recording. */
import { tf } from "../tf.ts"
import { StepInvalid } from "./step.ts"

const readers = ["data", "dataSync", "array", "arraySync", "buffer", "bufferSync", "bytes"] as const

/** Runs a step; reading a tensor's values in it is a `StepInvalid`. */
export const withoutReading = <A>(step: string, f: () => A): A => {
  const prototype = tf.Tensor.prototype as unknown as Record<string, unknown>
  const before = readers.map((name) => prototype[name])
  for (const name of readers)
    prototype[name] = () => {
      throw new StepInvalid({
        step,
        problem: `reads values of a tensor, by ${name}()`,
        hint: "compute with tensors, or make what depends on the values an input of the step",
      })
    }
  try {
    return f()
  } finally {
    for (const [i, name] of readers.entries()) prototype[name] = before[i]
  }
}
