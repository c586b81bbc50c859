/** A small classification problem: three blobs in four dimensions. */
import { source } from "@relent/random"
import { Effect } from "effect"
import {
  applyMlp,
  constant,
  initMlp,
  inputsOf,
  makeAdam,
  oneHotOf,
  separable,
  softmaxCrossEntropy,
  type Training,
} from "../src/index.ts"

export const rows = 90
export const labels = Int32Array.from({ length: rows }, (_, i) => i % 3)
const noise = source({ seed: 3, stream: "data" })("x").normals(rows * 4)
export const values = Float32Array.from(
  { length: rows * 4 },
  (_, i) => noise[i]! / 2 + (i % 4 === labels[Math.floor(i / 4)] ? 2 : 0),
)
export const features = { values, width: 4, scale: 1 }

export const shape = (members: number) => ({ widths: [4, 8, 3], members, activation: "relu" }) as const

/** Cross-entropy of an MLP on it. */
export const objective = separable({
  inputs: (batch) => ({ x: inputsOf(features, batch), y: oneHotOf(labels, 3, batch) }),
  of: (tree, { x, y }) => softmaxCrossEntropy(y!, applyMlp(shape(1), tree, x!)),
})

export const training = ({ members = 2, ...more }: Partial<Training> = {}): Training => {
  const random = source({ seed: 1, stream: "fit" })
  return {
    start: initMlp(shape(members), random),
    members,
    objective,
    examples: rows,
    batch: 30,
    steps: 60,
    optimizer: makeAdam(),
    learningRate: 0.02,
    schedule: constant,
    random,
    every: 10,
    report: () => Effect.void,
    checkpoint: { load: Effect.succeedNone, save: () => Effect.void },
    ...more,
  }
}
