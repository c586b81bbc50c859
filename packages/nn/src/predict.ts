/** Logits of a model, batch by batch. */
import { type Tensor, Tensors, tf } from "@relent/tensor"
import { Effect } from "effect"
import { type Features, gatherRows } from "./features.ts"
import { applyMlp } from "./mlp.ts"
import type { Model } from "./model.ts"
import { toDevice } from "./tree.ts"

const batchRows = 1000

/** Logits `[members, rows, classes]`, row-major. */
export const predict = (model: Model, features: Features): Effect.Effect<Float32Array> =>
  Effect.scoped(
    Effect.gen(function* () {
      const owner = yield* Tensors.scoped
      const tree = owner.own(toDevice(model.parameters))
      const rows = features.values.length / features.width
      const classes = model.widths.at(-1)!
      const logits = new Float32Array(model.members * rows * classes)
      for (let from = 0; from < rows; from += batchRows) {
        const order = Int32Array.from({ length: Math.min(batchRows, rows - from) }, (_, i) => from + i)
        const x = new Float32Array(order.length * features.width)
        gatherRows(features, order, x)
        const batch: Tensor = owner.compute(() => applyMlp(tree, tf.tensor3d(x, [1, order.length, features.width])))
        const values = yield* Effect.promise(() => batch.data())
        owner.release(batch)
        for (let m = 0; m < model.members; m++) {
          const size = order.length * classes
          logits.set(values.subarray(m * size, (m + 1) * size), (m * rows + from) * classes)
        }
        yield* Effect.yieldNow
      }
      return logits
    }),
  )
