/** Logits of a model, batch by batch. */
import { Backend, type Tensor, type TensorError, Tensors, tf, toDevice } from "@relent/tensor"
import { Data, Effect } from "effect"
import { breathe } from "./breathe.ts"
import { gatherRows } from "./features.ts"
import { applyMlp } from "./mlp.ts"
import type { Model } from "./model.ts"

/** Inputs unlike those that the model was trained on. */
export class InputMismatch extends Data.TaggedError("InputMismatch")<{
  readonly message: string
  readonly hint: string
}> {}

/** Rows at once: at most 1000, and fewer where a network is so wide that they would take long. */
const batchRowsOf = ({ widths, members }: Model): number => {
  const products = members * widths.slice(1).reduce((sum, width, l) => sum + width * widths[l]!, 0)
  return Math.max(1, Math.min(1000, Math.floor(1e9 / products)))
}

const mismatch = ({ input, widths }: Model, values: Uint8Array | Float32Array) => {
  const dtype = values instanceof Uint8Array ? "uint8" : "float32"
  if (dtype !== input.dtype)
    return new InputMismatch({
      message: `the inputs are ${dtype}, the model was trained on ${input.dtype}`,
      hint: "give inputs as they were in training: the model knows their scale",
    })
  const left = values.length % widths[0]!
  return left === 0
    ? undefined
    : new InputMismatch({
        message: `${values.length} numbers aren't rows of ${widths[0]}`,
        hint: "give left rows, one after the other",
      })
}

const logitsOf = (model: Model, values: Uint8Array | Float32Array) =>
  Effect.gen(function* () {
    const owner = yield* Tensors.scoped
    const tree = owner.own(toDevice(model.parameters))
    const [width, classes] = [model.widths[0]!, model.widths.at(-1)!]
    const features = { values, width, scale: model.input.scale }
    const rows = values.length / width
    const batchRows = batchRowsOf(model)
    const logits = new Float32Array(model.members * rows * classes)
    for (let from = 0; from < rows; from += batchRows) {
      const order = Int32Array.from({ length: Math.min(batchRows, rows - from) }, (_, i) => from + i)
      const x = gatherRows(features, order)
      const batch: Tensor = owner.compute(() => applyMlp(model, tree, tf.tensor3d(x, [1, order.length, width])))
      const found = (yield* Effect.promise(() => batch.data())) as Float32Array
      owner.release(batch)
      const size = order.length * classes
      for (let m = 0; m < model.members; m++)
        logits.set(found.subarray(m * size, (m + 1) * size), (m * rows + from) * classes)
      yield* breathe
    }
    return logits
  })

/** Logits `[members, rows, classes]`, row-major, of raw inputs `[rows, features]`: the model scales them as in training. */
export const predict = (
  model: Model,
  values: Uint8Array | Float32Array,
): Effect.Effect<Float32Array, InputMismatch | TensorError, Backend> =>
  Effect.gen(function* () {
    const problem = mismatch(model, values)
    if (problem !== undefined) return yield* problem
    const backend = yield* Backend
    return yield* backend.run(Effect.scoped(logitsOf(model, values)))
  })
