/** What a trained bottleneck gives: encoders that are stochastic in training give their mean. */
import { applyMlp, type Mlp, predict } from "@relent/nn"
import { Backend, type Tensor, type TensorError, Tensors, tf, toDevice } from "@relent/tensor"
import { Effect } from "effect"

/** The bottleneck `[rows, bottleneck]` of each member, of standardised inputs `[rows, features]`. */
export const bottleneckOf = (encoder: Mlp, bottleneck: number, x: Float32Array) =>
  Effect.map(predict(encoder, x), (all) => {
    const width = encoder.widths.at(-1)!
    const rows = all.length / (encoder.members * width)
    return Array.from({ length: encoder.members }, (_, m) => {
      const out = new Float32Array(rows * bottleneck)
      for (let i = 0; i < rows; i++)
        out.set(all.subarray((m * rows + i) * width, (m * rows + i) * width + bottleneck), i * bottleneck)
      return out
    })
  })

/** How inputs are moved against a network: `steps` of this size along the sign of the gradient, never further than `epsilon` from them. */
export interface Attack {
  readonly epsilon: number
  readonly size: number
  readonly steps: number
}

/**
 * Predictions `[members, rows, targets]` for inputs of each member's own attack: `x <- clip(x + size sign(d (y' - y)^2 / dx))`, with one
 * step as long as epsilon the fast gradient sign method.
 *
 * @reference goodfellow2015explaining madry2018towards
 */
export const underAttack = (
  encoder: Mlp,
  decoder: Mlp,
  { x, y, rows }: { readonly x: Float32Array; readonly y: Float32Array; readonly rows: number },
  { epsilon, size, steps }: Attack,
): Effect.Effect<Float32Array, TensorError, Backend> =>
  Backend.use((backend) =>
    backend.run(
      Effect.scoped(
        Effect.gen(function* () {
          const owner = yield* Tensors.scoped
          const [own, other] = [owner.own(toDevice(encoder.parameters)), owner.own(toDevice(decoder.parameters))]
          const { members } = encoder
          const bottleneck = decoder.widths[0]!
          const found = owner.compute(() => {
            const shape = [1, rows, x.length / rows] as const
            const clean = tf.tile(tf.tensor3d(x, [...shape]), [members, 1, 1])
            const truth = tf.tensor3d(y, [1, rows, y.length / rows])
            const predicted = (inputs: Tensor) => {
              const t = tf.slice(applyMlp(encoder, own, inputs), [0, 0, 0], [-1, -1, bottleneck])
              return applyMlp(decoder, other, t)
            }
            const slope = tf.grad((inputs: Tensor) => tf.sum(tf.squaredDifference(predicted(inputs), truth)))
            let moved: Tensor = clean
            for (let i = 0; i < steps; i++) {
              const g = slope(moved)
              const signs = tf.sub(tf.step(g), tf.step(tf.neg(g))) // the wasm kernel of sign takes what is below 1e-7 for 0
              const off = tf.sub(tf.add(moved, tf.mul(signs, size)), clean)
              moved = tf.add(clean, tf.clipByValue(off, -epsilon, epsilon))
            }
            return predicted(moved)
          })
          return (yield* Effect.promise(() => found.data())) as Float32Array
        }),
      ),
    ),
  )
