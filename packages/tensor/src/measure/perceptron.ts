/** The training step that is timed: a perceptron with one hidden layer of relu, softmax cross-entropy, Adam. */
import { type Parameters, tensorValue, type TensorValue } from "@relent/arrow"
import { adamStep } from "../op/adam.ts"
import type { Steps } from "../recorded/record.ts"
import { type Tensor, tf } from "../tf.ts"
import { branch, type Tree, within, zerosLike } from "../tree.ts"
import { widths } from "./plan.ts"

const [inputs, hidden, classes] = widths
const rates = { beta1: 0.9, beta2: 0.999 }

/** Numbers in [-scale, scale], always the same. */
const waves = (shape: readonly [number, number], scale: number): TensorValue<"float32"> =>
  tensorValue(
    "float32",
    Float32Array.from({ length: shape[0] * shape[1] }, (_, i) => Math.sin(i) * scale),
    shape,
  )

const toTensor = ({ values, shape }: TensorValue<"float32">) => tf.tensor(values, [...shape])

const start = (): Tree => {
  const weights = {
    first: toTensor(waves([inputs, hidden], 0.05)),
    "first bias": tf.zeros([hidden]),
    second: toTensor(waves([hidden, classes], 0.1)),
    "second bias": tf.zeros([classes]),
  }
  return {
    ...branch("weights", weights),
    ...branch("mean", zerosLike(weights)),
    ...branch("square", zerosLike(weights)),
  }
}

/** The mean loss over the rows, a scalar. */
const loss = (weights: Tree, x: Tensor, target: Tensor): Tensor => {
  const layer = tf.relu(tf.add(tf.matMul(x, weights["first"]!), weights["first bias"]!))
  const logits = tf.add(tf.matMul(layer, weights["second"]!), weights["second bias"]!)
  return tf.neg(tf.mean(tf.sum(tf.mul(target, tf.logSoftmax(logits)), 1)))
}

export const perceptron: Steps<"train"> = {
  start,
  steps: {
    train: (state, { x, target, rate, epsilon }) => {
      const weights = within("weights", state)
      const paths = Object.keys(weights)
      const { value, grads } = tf.valueAndGrads((...tensors) =>
        loss(Object.fromEntries(paths.map((path, i) => [path, tensors[i]!])), x!, target!),
      )(Object.values(weights))
      const next = paths.map(
        (path, i) =>
          [
            path,
            adamStep(
              {
                weight: weights[path]!,
                mean: state[`mean/${path}`]!,
                square: state[`square/${path}`]!,
                gradient: grads[i]!,
                rate: rate!,
                epsilon: epsilon!,
              },
              rates,
            ),
          ] as const,
      )
      const part = (name: "weight" | "mean" | "square") =>
        Object.fromEntries(next.map(([path, all]) => [path, all[name]]))
      return {
        state: {
          ...branch("weights", part("weight")),
          ...branch("mean", part("mean")),
          ...branch("square", part("square")),
        },
        outputs: { loss: value },
      }
    },
  },
}

/** What a step is given: the same batch every time, and rates without the corrections of the first steps. */
export const batchOf = (rows: number): Parameters => {
  const target = new Float32Array(rows * classes)
  for (let row = 0; row < rows; row++) target[row * classes + (row % classes)] = 1
  return {
    x: waves([rows, inputs], 1),
    target: tensorValue("float32", target, [rows, classes]),
    rate: tensorValue("float32", Float32Array.of(1e-4), []),
    epsilon: tensorValue("float32", Float32Array.of(1e-8), []),
  }
}

/** A matrix `[size, size]` for products. */
export const matrix = (size: number): Tensor => toTensor(waves([size, size], 1))
