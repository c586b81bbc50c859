/** Logits of a model, batch by batch. */
import { Backend, type Tensor, type TensorError, Tensors, tf, toDevice } from "@relent/tensor"
import { Data, Effect } from "effect"
import { breathe } from "./breathe.ts"
import { gatherRows } from "./features.ts"
import { architectureOf, type Model, rowOf, type Transformer } from "./model.ts"

/** Inputs unlike those that the model was trained on. */
export class InputMismatch extends Data.TaggedError("InputMismatch")<{
  readonly message: string
  readonly hint: string
}> {}

/** Raw inputs, rows one after the other: bytes or floats as in training, ids of tokens for a transformer. */
export type Values = Uint8Array | Float32Array | Int32Array

const dtypeOf = (values: Values) =>
  values instanceof Uint8Array ? "uint8" : values instanceof Int32Array ? "int32" : "float32"

/** Rows at once: at most 1000, and fewer where a network is so wide that they would take long. */
const batchRowsOf = (model: Model): number =>
  Math.max(1, Math.min(1000, Math.floor(1e9 / (model.members * rowOf(model).products))))

const mismatch = (model: Model, values: Values) => {
  const wrong = (message: string, hint: string) => new InputMismatch({ message, hint })
  const [dtype, wanted] = [dtypeOf(values), model.kind === "transformer" ? "int32" : model.input.dtype]
  if (dtype !== wanted)
    return wrong(
      `the inputs are ${dtype}, the model was trained on ${wanted}`,
      wanted === "int32" ? "give ids of tokens" : "give inputs as they were in training: the model knows their scale",
    )
  const { inputs } = rowOf(model)
  if (values.length % inputs !== 0)
    return wrong(`${values.length} numbers aren't rows of ${inputs}`, "give left rows, one after the other")
  const unknown = model.kind === "transformer" ? values.find((id) => id < 0 || id >= model.vocabulary) : undefined
  return unknown === undefined
    ? undefined
    : wrong(`there is no token ${unknown}`, `ids are from 0 to ${(model as Transformer).vocabulary - 1}`)
}

/** Some rows on the device, `[1, rows, inputs]`. */
const batchOf = (model: Model, values: Values, from: number, rows: number): Tensor => {
  const { inputs } = rowOf(model)
  const shape: [number, number, number] = [1, rows, inputs]
  const part = values.subarray(from * inputs, (from + rows) * inputs)
  if (model.kind === "transformer") return tf.tensor3d(part, shape, "int32")
  const features = { values: part as Uint8Array | Float32Array, width: inputs, scale: model.input.scale }
  return tf.tensor3d(
    gatherRows(
      features,
      Int32Array.from({ length: rows }, (_, i) => i),
    ),
    shape,
  )
}

const logitsOf = (model: Model, values: Values) =>
  Effect.gen(function* () {
    const owner = yield* Tensors.scoped
    const tree = owner.own(toDevice(model.parameters))
    const { inputs, outputs } = rowOf(model)
    const rows = values.length / inputs
    const batchRows = batchRowsOf(model)
    const logits = new Float32Array(model.members * rows * outputs)
    for (let from = 0; from < rows; from += batchRows) {
      const count = Math.min(batchRows, rows - from)
      const batch: Tensor = owner.compute(() =>
        architectureOf(model).apply(model, tree, batchOf(model, values, from, count)),
      )
      const found = (yield* Effect.promise(() => batch.data())) as Float32Array
      owner.release(batch)
      const size = count * outputs
      for (let m = 0; m < model.members; m++)
        logits.set(found.subarray(m * size, (m + 1) * size), (m * rows + from) * outputs)
      yield* breathe
    }
    return logits
  })

/**
 * Logits `[members, rows, ...]`, row-major, of raw inputs `[rows, inputs]`: classes of each row, from features that the model scales as
 * in training; `[context, vocabulary]` of each row of `context` ids, from a transformer; an image of each image and time, from a U-Net; `[height, width, classes]` of each
 * image, from a segmenter.
 */
export const predict = (
  model: Model,
  values: Values,
): Effect.Effect<Float32Array, InputMismatch | TensorError, Backend> =>
  Effect.gen(function* () {
    const problem = mismatch(model, values)
    if (problem !== undefined) return yield* problem
    const backend = yield* Backend
    return yield* backend.run(Effect.scoped(logitsOf(model, values)))
  })
