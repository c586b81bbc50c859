/** What is timed: a pure function from a state and inputs to a new state and outputs, run eagerly and recorded. */
import { type Parameters, tensorValue } from "@relent/arrow"
import { makeAdam } from "@relent/nn"
import { branch, type Step, type Tensor, tf, type Tree, within } from "@relent/tensor"
import { zeros } from "./draws.ts"

export interface Model {
  readonly title: string
  /** The state before the first step. */
  readonly start: () => Parameters
  /** What step `t` is given, from 0; data come round again after `batches` steps, as they do in `python/models.py`. */
  readonly inputs: (t: number) => Parameters
  /** Outputs have the scalar `loss`. */
  readonly step: Step
}

/** Different batches of data. */
export const batches = 8
const learningRate = 1e-3
const adam = makeAdam()

/** A model trained by Adam, from its weights, its data and the loss of a batch. */
export const trained = (model: {
  readonly title: string
  readonly weights: () => Parameters
  readonly batch: (index: number) => Parameters
  readonly loss: (weights: Tree, batch: Tree) => Tensor
}): Model => {
  const data: Array<Parameters> = []
  return {
    title: model.title,
    start: () => {
      const weights = model.weights()
      const none = Object.fromEntries(Object.entries(weights).map(([path, { shape }]) => [path, zeros(shape)]))
      return { ...branch("weights", weights), ...branch("adam/mean", none), ...branch("adam/square", none) }
    },
    inputs: (t) => {
      const rates = Object.entries(adam.rates({ step: t + 1, learningRate })).map(([name, rate]) => [
        name,
        tensorValue("float32", Float32Array.of(rate), []),
      ])
      const batch = (data[t % batches] ??= model.batch(t % batches))
      return { ...branch("batch", batch), ...branch("rates", Object.fromEntries(rates)) }
    },
    step: (state, inputs) => {
      const weights = within("weights", state)
      const [paths, batch] = [Object.keys(weights), within("batch", inputs)]
      const { value, grads } = tf.valueAndGrads((...tensors) =>
        model.loss(Object.fromEntries(paths.map((path, i) => [path, tensors[i]!])), batch),
      )(Object.values(weights))
      const gradients = Object.fromEntries(paths.map((path, i) => [path, grads[i]!]))
      const next = adam.update(weights, gradients, within("adam", state), within("rates", inputs))
      return {
        state: { ...branch("weights", next.parameters), ...branch("adam", next.state) },
        outputs: { loss: value },
      }
    },
  }
}
