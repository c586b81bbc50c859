/** Probability vectors: what counts as one, and what is said of what isn't. */
import { Data } from "effect"

/** An array that should have been a distribution, or a pair of one length. */
export class NotADistribution extends Data.TaggedError("NotADistribution")<{
  /** Which argument: `target` or `model`. */
  readonly argument: string
  readonly reason: string
}> {
  override get message() {
    return `${this.argument} is not a distribution: ${this.reason}`
  }
}

/** How far from 1 a sum may be: what the rounding of float32 leaves of a row. */
const tolerance = 1e-5

const checkOne = (argument: string, p: ArrayLike<number>): void => {
  const refuse = (reason: string) => {
    throw new NotADistribution({ argument, reason })
  }
  if (p.length === 0) refuse("it has no entries")
  let total = 0
  for (let i = 0; i < p.length; i++) {
    if (!(p[i]! >= 0 && p[i]! <= 1 + tolerance)) refuse(`entry ${i} is ${p[i]}; probabilities are in [0, 1]`)
    total += p[i]!
  }
  if (Math.abs(total - 1) > tolerance)
    refuse(`its entries sum to ${total}, not to 1; divide by the sum, or give logits to onLogits`)
}

/** Throws `NotADistribution` unless both are distributions over the same classes. */
export const checkPair = (target: ArrayLike<number>, model: ArrayLike<number>): void => {
  checkOne("target", target)
  checkOne("model", model)
  if (target.length !== model.length)
    throw new NotADistribution({
      argument: "model",
      reason: `it has ${model.length} entries, the target ${target.length}; both are over the same classes`,
    })
}

/** The classes that both can show, as log-probabilities, and the mass of the others. */
export interface SharedSupport {
  readonly logTarget: Float64Array
  readonly logModel: Float64Array
  /** The target's mass where the model has none. */
  readonly targetOnly: number
  /** The model's mass where the target has none. */
  readonly modelOnly: number
}

export const sharedSupport = (target: ArrayLike<number>, model: ArrayLike<number>): SharedSupport => {
  checkPair(target, model)
  const logTarget = new Float64Array(target.length)
  const logModel = new Float64Array(target.length)
  let shared = 0
  let targetOnly = 0
  let modelOnly = 0
  for (let i = 0; i < target.length; i++) {
    const p = target[i]!
    const q = model[i]!
    if (p > 0 && q > 0) {
      logTarget[shared] = Math.log(p)
      logModel[shared++] = Math.log(q)
    } else {
      targetOnly += p
      modelOnly += q
    }
  }
  return { logTarget: logTarget.subarray(0, shared), logModel: logModel.subarray(0, shared), targetOnly, modelOnly }
}
