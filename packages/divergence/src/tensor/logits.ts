/** Losses on logits. */
import { logSoftmax as logSoftmaxOp, type Tensor, tf } from "@relent/tensor"
import { Data } from "effect"
import { type Divergence, throughSoftmax } from "../divergence.ts"
import { withGradient } from "./gradient.ts"
import { compute, type Formula, type Programmed, programmed } from "./program.ts"

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

/** D of log-probabilities. */
const value =
  ({ logForm }: Divergence): Formula =>
  (rows, logTarget, logModel) =>
    logForm(logTarget, logModel, rows).value()

/**
 * Its gradient by logits, from that of its value. A slope by a class that passes what float32 can hold is the largest of its sign whose sum
 * over the classes it can: the difference of two infinities would be NaN.
 */
const slope =
  ({ logForm }: Divergence, by: "target" | "model", temperature: number, classes: number): Formula =>
  (rows, logTarget, logModel, dy) => {
    const form = logForm(logTarget, logModel, rows)
    const steep = by === "target" ? form.byTarget() : form.byModel()
    const logP = by === "target" ? logTarget : logModel
    return rows.mul(throughSoftmax(rows.clip(steep, 1e38 / classes), logP, temperature, rows), dy)
  }

const known = new WeakMap<Divergence, Map<string, Programmed>>()
/** A temperature may be another at every step: that many are enough. */
const most = 100
/** A formula of a divergence, which is made into a program once. */
const once = (divergence: Divergence, key: string, make: () => Programmed): Programmed => {
  const formulas = known.get(divergence) ?? new Map<string, Programmed>()
  known.set(divergence, formulas)
  const found = formulas.get(key) ?? make()
  if (formulas.size >= most) formulas.clear()
  formulas.set(key, found)
  return found
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
    const formula = once(divergence, "value", () => programmed(2, value(divergence)))
    return { value: tf.squeeze(compute(formula, [logTarget, logModel]), [-1]), saved: [logTarget, logModel] }
  }
  const backward = (dy: Tensor, ...kept: ReadonlyArray<Tensor>) => {
    const [logTarget, logModel] = kept.slice(2) as [Tensor, Tensor]
    const classes = model.shape.at(-1)!
    const through = (by: "target" | "model") => {
      const key = `${by} ${temperature} ${classes}`
      const formula = once(divergence, key, () => programmed(3, slope(divergence, by, temperature, classes)))
      return compute(formula, [logTarget, logModel, tf.expandDims(dy, -1)])
    }
    return both ? [through("target"), through("model")] : [through("model")]
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
