/** What a classifier makes of points: its last hidden layer, and the class it takes them for. */
import { type Mlp, mlpLayers } from "@relent/nn"
import { Backend, memberOf, type Tensor, Tensors, tf, toDevice } from "@relent/tensor"
import { Effect } from "effect"
import { countOf, type Rows } from "./frechet.ts"

const most = 1000

/** The features of the classifier's first member, and the class of its largest logit. */
export const judged = (classifier: Mlp, rows: Rows & { readonly values: Float32Array }) =>
  Effect.gen(function* () {
    const owner = yield* Tensors.scoped
    const tree = owner.compute(() => memberOf(toDevice(classifier.parameters), 0))
    const width = classifier.widths.at(-2)!
    const n = countOf(rows)
    const features = new Float32Array(n * width)
    const mode = new Int32Array(n)
    for (let from = 0; from < n; from += most) {
      const size = Math.min(most, n - from)
      const part = rows.values.subarray(from * rows.width, (from + size) * rows.width)
      const [hidden, logits] = owner.compute((): [Tensor, Tensor] => {
        const x = tf.mul(tf.tensor3d(part, [1, size, rows.width]), classifier.input.scale)
        const layers = mlpLayers(classifier, tree, x)
        return [layers.at(-2) ?? x, layers.at(-1)!]
      })
      features.set(yield* Effect.promise(() => hidden.data() as Promise<Float32Array>), from * width)
      const z = yield* Effect.promise(() => logits.data() as Promise<Float32Array>)
      const classes = z.length / size
      for (let i = 0; i < size; i++) {
        const own = z.subarray(i * classes, (i + 1) * classes)
        mode[from + i] = own.indexOf(Math.max(...own))
      }
      owner.release([hidden, logits])
      yield* Effect.yieldNow
    }
    return { features: { values: features, width } satisfies Rows, mode, classes: classifier.widths.at(-1)! }
  }).pipe(Effect.scoped, (all) => Backend.use((backend) => backend.run(all)))
