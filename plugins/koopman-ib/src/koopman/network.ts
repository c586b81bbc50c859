/** Networks on rows that differ from member to member. */
import { applyMlp, type Mlp } from "@relent/nn"
import { Backend, type TensorError, Tensors, tf, toDevice } from "@relent/tensor"
import { Effect } from "effect"

const most = 4096

/** `[members, rows, outputs]` of standardised inputs `[members or 1, rows, inputs]`. */
export const applyNetwork = (
  model: Mlp,
  values: Float32Array,
  members: number,
): Effect.Effect<Float32Array, TensorError, Backend> =>
  Backend.use((backend) =>
    backend.run(
      Effect.scoped(
        Effect.gen(function* () {
          const owner = yield* Tensors.scoped
          const tree = owner.own(toDevice(model.parameters))
          const [inputs, outputs] = [model.widths[0]!, model.widths.at(-1)!]
          const rows = values.length / (members * inputs)
          const out = new Float32Array(model.members * rows * outputs)
          const x = owner.compute(() => tf.tensor3d(values, [members, rows, inputs]))
          for (let from = 0; from < rows; from += most) {
            const count = Math.min(most, rows - from)
            const y = owner.compute(() => applyMlp(model, tree, tf.slice(x, [0, from, 0], [members, count, inputs])))
            const found = yield* Effect.promise(() => y.data())
            owner.release(y)
            for (let m = 0; m < model.members; m++)
              out.set(
                (found as Float32Array).subarray(m * count * outputs, (m + 1) * count * outputs),
                (m * rows + from) * outputs,
              )
          }
          return out
        }),
      ),
    ),
  )
