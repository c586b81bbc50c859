/** What a model says of pixels: softmax rows with their logarithms, float64. */
import { Data, Effect } from "effect"

/** A softmax of `pixels` rows over `classes`, row-major. */
export interface Prediction {
  readonly pixels: number
  readonly classes: number
  /** `s`, `[pixels, classes]`. */
  readonly probability: Float64Array
  /** `log s`, `[pixels, classes]`; -infinity where a given probability is 0. */
  readonly logProbability: Float64Array
}

/** Rows, masses, weights or ratios that don't fit together. */
export class PredictionInvalid extends Data.TaggedError("PredictionInvalid")<{ readonly message: string }> {}

/** What `f` gives, or the `PredictionInvalid` that it throws as a failure; anything else it throws is a bug. */
export const attempt = <A>(f: () => A): Effect.Effect<A, PredictionInvalid> =>
  Effect.suspend(() => {
    try {
      return Effect.succeed(f())
    } catch (error) {
      return error instanceof PredictionInvalid ? Effect.fail(error) : Effect.die(error)
    }
  })

const refuse = (message: string) => {
  throw new PredictionInvalid({ message })
}

const shapeOf = (values: Float64Array, classes: number): { readonly pixels: number; readonly classes: number } => {
  const pixels = values.length / classes
  if (values.length === 0) refuse("there are no pixels")
  if (!Number.isInteger(pixels)) refuse(`${values.length} values don't make rows of ${classes} classes`)
  return { pixels, classes }
}

/** Log-softmax of finite logits `[pixels, classes]`. Throws `PredictionInvalid`. */
export const fromLogits = (logits: Float64Array, classes: number): Prediction => {
  const shape = shapeOf(logits, classes)
  const probability = new Float64Array(logits.length)
  const logProbability = new Float64Array(logits.length)
  for (let row = 0; row < logits.length; row += classes) {
    let top = Number.NEGATIVE_INFINITY
    for (let k = row; k < row + classes; k++) top = Math.max(top, logits[k]!)
    let total = 0
    for (let k = row; k < row + classes; k++) total += probability[k] = Math.exp(logits[k]! - top)
    if (!Number.isFinite(total)) refuse(`a logit of pixel ${row / classes} isn't finite`)
    const logTotal = top + Math.log(total)
    for (let k = row; k < row + classes; k++) {
      probability[k]! /= total
      logProbability[k] = logits[k]! - logTotal
    }
  }
  return { ...shape, probability, logProbability }
}

/** How far from 1 a row may sum. */
const tolerance = 1e-4

/** Probabilities `[pixels, classes]` as they are; each row on the simplex. Throws `PredictionInvalid`. */
export const fromProbabilities = (probability: Float64Array, classes: number): Prediction => {
  const shape = shapeOf(probability, classes)
  for (let row = 0; row < probability.length; row += classes) {
    let total = 0
    for (let k = row; k < row + classes; k++) total += probability[k]! >= 0 ? probability[k]! : Number.NaN
    if (!(Math.abs(total - 1) <= tolerance))
      refuse(`pixel ${row / classes} isn't on the simplex: ${probability.slice(row, row + classes).join(", ")}`)
  }
  return { ...shape, probability, logProbability: probability.map(Math.log) }
}

/** The same mass for every pixel: an image. */
export const uniform = (pixels: number): Float64Array => new Float64Array(pixels).fill(1 / pixels)

/** Throws `PredictionInvalid` unless there is a mass for each pixel. */
export const checkMass = ({ pixels }: Prediction, mass: ArrayLike<number>): void => {
  if (mass.length !== pixels) refuse(`there are ${mass.length} masses for ${pixels} pixels`)
}

/** Throws `PredictionInvalid` unless there is one value of this name for each class, not negative. */
export const checkClasses = (name: string, values: ArrayLike<number>, classes: number): void => {
  if (values.length !== classes) refuse(`there are ${values.length} ${name} for ${classes} classes`)
  if (!Array.from(values).every((v) => v >= 0 && Number.isFinite(v))) refuse(`${name} are finite and not negative`)
}
