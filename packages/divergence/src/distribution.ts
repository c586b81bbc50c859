/** Probability vectors: what counts as one, and what is said of what isn't. */
import { Data } from "effect"
import { logSumExp } from "./float64.ts"

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

/** Throws `NotADistribution` unless the entries lie in [0, 1] and sum to 1. */
export const checkDistribution = (argument: string, p: ArrayLike<number>): void => {
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

const checkLengths = (target: ArrayLike<number>, model: ArrayLike<number>): void => {
  if (target.length !== model.length)
    throw new NotADistribution({
      argument: "model",
      reason: `it has ${model.length} entries, the target ${target.length}; both are over the same classes`,
    })
}

/** Throws `NotADistribution` unless both are distributions over the same classes. */
export const checkPair = (target: ArrayLike<number>, model: ArrayLike<number>): void => {
  checkDistribution("target", target)
  checkDistribution("model", model)
  checkLengths(target, model)
}

/** Throws `NotADistribution` unless both are rows of finite logits over the same classes, and the temperature is above 0. */
export const checkLogits = (target: ArrayLike<number>, model: ArrayLike<number>, temperature: number): void => {
  const refuse = (argument: string, reason: string) => {
    throw new NotADistribution({ argument, reason })
  }
  for (const [argument, z] of Object.entries({ target, model })) {
    if (z.length === 0) refuse(argument, "it has no logits")
    for (let i = 0; i < z.length; i++) if (!Number.isFinite(z[i])) refuse(argument, `logit ${i} is ${z[i]}`)
    if (!(temperature > 0)) refuse(argument, `its temperature is ${temperature}; a temperature is above 0`)
  }
  if (target.length !== model.length) refuse("model", `it has ${model.length} logits, the target ${target.length}`)
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

const checkLogs = (argument: string, logP: ArrayLike<number>): void => {
  const total = logSumExp(logP)
  if (!(Math.abs(total) <= tolerance))
    throw new NotADistribution({ argument, reason: `its log-probabilities sum to exp(${total}), not to 1` })
}

/** The same from log-probabilities, -infinity being 0: what is too small for a probability still counts. */
export const sharedLogSupport = (target: ArrayLike<number>, model: ArrayLike<number>): SharedSupport => {
  checkLogs("target", target)
  checkLogs("model", model)
  checkLengths(target, model)
  const isShared = (_: number, i: number) => target[i]! > -Infinity && model[i]! > -Infinity
  const without = (logP: ArrayLike<number>) =>
    Float64Array.from(logP).reduce((mass, l, i) => (isShared(l, i) ? mass : mass + Math.exp(l)), 0)
  return {
    logTarget: Float64Array.from(target).filter(isShared),
    logModel: Float64Array.from(model).filter(isShared),
    targetOnly: without(target),
    modelOnly: without(model),
  }
}
