/** Losses on logits. */
import { logSoftmax as logSoftmaxOp, type Tensor, tf } from "@relent/tensor"
import { Data } from "effect"
import { type Divergence, throughSoftmax } from "../divergence.ts"
import { withGradient } from "./gradient.ts"
import { tensorRows } from "./rows.ts"

/** Logits that are not over the same rows and classes. */
export class LogitsMismatch extends Data.TaggedError("LogitsMismatch")<{
  readonly target: ReadonlyArray<number>
  readonly model: ReadonlyArray<number>
}> {
  override get message() {
    return `the target's logits are [${this.target.join(", ")}], the model's [${this.model.join(", ")}]; both must have one shape`
  }
}

const checkShapes = ({ shape: target }: Tensor, { shape: model }: Tensor): void => {
  if (target.join() !== model.join()) throw new LogitsMismatch({ target, model })
}

export interface LogitsOptions {
  /** Both rows are `softmax(logits / temperature)`; above 0, by default 1. */
  readonly temperature?: number
  /** Whether the gradient flows into the model alone (default), or into the target as well. */
  readonly gradient?: "model" | "both"
}

/** `log softmax(logits / temperature)` over the last axis. */
export const logSoftmax = (logits: Tensor, temperature = 1): Tensor =>
  logSoftmaxOp(temperature === 1 ? logits : tf.div(logits, temperature))

/**
 * Slopes by class; where one passes what float32 can hold, the largest of its sign whose sum over the classes it can: the difference of
 * two infinities would be NaN.
 */
const bounded = (slope: Tensor | number) => {
  if (typeof slope === "number") return slope
  const steepest = 1e38 / slope.shape.at(-1)!
  return tf.clipByValue(slope, -steepest, steepest)
}

/**
 * `D(softmax(target / temperature) || softmax(model / temperature))` of finite logits `[..., classes]`, one number a row
 * `[...]`, without the factor `temperature^2`. Value and gradient are taken in log space, finite for any gap of logits
 * where the mathematics is, as far as float32 holds the figure (a chi-square passes 1e38 at a gap of 88; no KL does): beyond, the
 * value is infinite, the gradient finite.
 */
export const onLogits = (
  divergence: Divergence,
  target: Tensor,
  model: Tensor,
  { temperature = 1, gradient = "model" }: LogitsOptions = {},
): Tensor => {
  checkShapes(target, model)
  const both = gradient === "both"
  const forward = (...given: ReadonlyArray<Tensor>) => {
    const [target, model] = (both ? given : given.toReversed()) as [Tensor, Tensor]
    const [logTarget, logModel] = [logSoftmax(target, temperature), logSoftmax(model, temperature)]
    const value = divergence.logForm(logTarget, logModel, tensorRows).value()
    return { value: tf.squeeze(value, [-1]), saved: [logTarget, logModel] }
  }
  const backward = (dy: Tensor, ...kept: ReadonlyArray<Tensor>) => {
    const [logTarget, logModel] = kept.slice(2) as [Tensor, Tensor]
    const form = divergence.logForm(logTarget, logModel, tensorRows)
    const through = (g: Tensor | number, logP: Tensor) =>
      tf.mul(throughSoftmax(bounded(g), logP, temperature, tensorRows), tf.expandDims(dy, -1))
    const byModel = through(form.byModel(), logModel)
    return both ? [through(form.byTarget(), logTarget), byModel] : [byModel]
  }
  return both
    ? withGradient({ inputs: [target, model], forward, backward })
    : withGradient({ inputs: [model], constants: [target], forward, backward })
}

/** `H(softmax(logits / temperature))` in nats, `[..., classes]` to `[...]`; a class of probability 0 adds nothing. */
export const entropy = (logits: Tensor, temperature = 1): Tensor => {
  const logP = logSoftmax(logits, temperature)
  return tf.neg(tf.sum(tf.mul(tf.exp(logP), logP), -1))
}

/**
 * `-sum target log model` of `softmax(logits / temperature)`, `[..., classes]` to `[...]`: kl and the target's entropy, with
 * the same gradient as kl by the model; there is one by the target as well.
 */
export const crossEntropy = (target: Tensor, model: Tensor, temperature = 1): Tensor => {
  checkShapes(target, model)
  return tf.neg(tf.sum(tf.mul(tf.exp(logSoftmax(target, temperature)), logSoftmax(model, temperature)), -1))
}
