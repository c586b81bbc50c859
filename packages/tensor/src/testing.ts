/** For test suites: what would make results wrong in silence becomes an error. */
import { Data } from "effect"
import { Backend, type BackendName } from "./backend.ts"
import { type DataType, type Tensor, tf } from "./tf.ts"

/** The backend that a test suite runs on: `$RELENT_BACKEND`, by default `wasm`. */
export const testBackendName = (process.env["RELENT_BACKEND"] ?? "wasm") as BackendName
export const testBackend = Backend[testBackendName]

/** Something that no stage may do. */
export class Forbidden extends Data.TaggedError("Forbidden")<{ readonly message: string }> {}

/** The method that the library's operations call on operands of other dtypes. */
interface Castable {
  cast: (this: Tensor, dtype: DataType) => Tensor
}

// allow tagged-errors: only its stack is read
const callers = (): string => new Error("called").stack ?? ""

/** Operands of different dtypes are an error, instead of being cast to the wider one. */
export const forbidPromotion = (): void => {
  const prototype = tf.Tensor.prototype as unknown as Castable
  const { cast } = prototype
  prototype.cast = function (this: Tensor, dtype) {
    if (this.dtype !== dtype && callers().includes("makeTypesMatch"))
      throw new Forbidden({ message: `an operand of ${this.dtype} meets one of ${dtype}: cast it with tf.cast` })
    return cast.call(this, dtype)
  }
}

/** `Math.random` is an error for the code of this repository and for the tensor library; test tools may use it. */
export const forbidRandom = (): void => {
  const random = Math.random // allow purity: this is its guard
  // allow purity: this is its guard
  Math.random = () => {
    const [, , caller = ""] = callers()
      .split("\n")
      .filter((line) => !line.includes("callers ("))
    if (!caller.includes("node_modules") || caller.includes("tensorflow") || caller.includes("seedrandom"))
      throw new Forbidden({ message: "Math.random: draw from the stage's random source" })
    return random()
  }
}
