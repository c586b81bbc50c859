/** For test suites: what would make results wrong in silence becomes an error. */
import { existsSync } from "node:fs"
import { Data, Effect } from "effect"
import { Backend, type BackendName } from "./backend.ts"
import { type DataType, type Tensor, tf } from "./tf.ts"

/** The backend that a test suite runs on: `$RELENT_BACKEND`, by default `wasm`. */
export const testBackendName = (process.env["RELENT_BACKEND"] ?? "wasm") as BackendName
export const testBackend = Backend[testBackendName]

/** A graphics card in software, which Debian's package `chromium` brings. */
const softwareCard = "/usr/lib/chromium/vk_swiftshader_icd.json"

/**
 * Why tests can't run on `webgpu` here; `undefined` where they can. Where there is no card, they run on one in
 * software, as far as it is installed. They are slow there: for the long tier.
 */
export const noCard = async (): Promise<string | undefined> => {
  const open = () => Effect.runPromise(Effect.result(Effect.asVoid(Backend.pipe(Effect.provide(Backend.webgpu)))))
  const card = await open()
  if (card._tag === "Success") return undefined
  if (process.env["VK_ICD_FILENAMES"] !== undefined || !existsSync(softwareCard)) return card.failure.reason
  process.env["VK_ICD_FILENAMES"] = softwareCard // Vulkan reads it whenever it begins
  const software = await open()
  return software._tag === "Success" ? undefined : software.failure.reason
}

/** Something that no stage may do. */
export class Forbidden extends Data.TaggedError("Forbidden")<{ readonly message: string }> {}

/** What the library's method was before it was guarded: files of tests share it in one process. */
const stock = Symbol.for("relent: cast as the library has it")
/** The method that the library's operations call on operands of other dtypes. */
interface Castable {
  cast: (this: Tensor, dtype: DataType) => Tensor
  [stock]?: Castable["cast"]
}

// allow tagged-errors: only its stack is read
const callers = (): string => new Error("called").stack ?? ""

/** Operands of different dtypes are an error, instead of being cast to the wider one. */
export const forbidPromotion = (): void => {
  const prototype = tf.Tensor.prototype as unknown as Castable
  const cast = (prototype[stock] ??= prototype.cast)
  prototype.cast = function (this: Tensor, dtype) {
    if (this.dtype !== dtype && callers().includes("makeTypesMatch"))
      throw new Forbidden({ message: `an operand of ${this.dtype} meets one of ${dtype}: cast it with tf.cast` })
    return cast.call(this, dtype)
  }
}

/** Operands are cast again, as the library's own gradients of some operations want it. */
export const allowPromotion = (): void => {
  const prototype = tf.Tensor.prototype as unknown as Castable
  prototype.cast = prototype[stock] ?? prototype.cast
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

/** The largest error of numbers, as a share of the largest that is wanted; infinite where there aren't as many. */
export const relativeError = (found: ArrayLike<number>, wanted: ArrayLike<number>): number => {
  if (found.length !== wanted.length) return Infinity
  const errors = Array.from(wanted, (w, i) => Math.abs(found[i]! - w))
  return Math.max(...errors) / Math.max(...Array.from(wanted, Math.abs))
}
