/** How fast a backend is on this machine, in about half a second. For people who choose one: nothing is computed from it. */
import { Clock, Effect } from "effect"
import { Backend, type TensorError } from "../backend.ts"
import { record } from "../recorded/record.ts"
import { Tensors } from "../tensors.ts"
import { type Tensor, tf } from "../tf.ts"
import { batchFor, gflops, isSlow, nextSize, productOperations, timesInTurn, turns } from "./plan.ts"
import { batchOf, matrix, perceptron } from "./perceptron.ts"

export interface Speed {
  /** The product of two matrices `[size, size]` of float32: 10^9 operations a second. */
  readonly product: { readonly size: number; readonly gflops: number }
  /** A training step of a perceptron 784-256-10 by Adam, recorded where the backend records, with the batch from the host. */
  readonly step: { readonly batch: number; readonly milliseconds: number }
}

/** Milliseconds of doing something so often. */
type Timed = (times: number) => Effect.Effect<number, TensorError, Backend>

const timed =
  (doing: (times: number) => Effect.Effect<void, TensorError, Backend>): Timed =>
  (times) =>
    Effect.gen(function* () {
      const begin = yield* Clock.currentTimeNanos
      yield* doing(times)
      return Number((yield* Clock.currentTimeNanos) - begin) / 1e6
    })

/** The quickest of some single runs, after one for what only the first needs; of a slow thing the second. */
const single = (milliseconds: Timed) =>
  Effect.gen(function* () {
    yield* milliseconds(1)
    const second = yield* milliseconds(1)
    if (isSlow(second)) return second
    const more = yield* Effect.all(Array.from({ length: turns - 1 }, () => milliseconds(1)))
    return Math.min(second, ...more)
  })

/** The quickest of some turns, of as many runs as one has time for. */
const quickest = (milliseconds: Timed) =>
  Effect.gen(function* () {
    const once = yield* single(milliseconds)
    const times = timesInTurn(once)
    if (times === 1) return once
    const found = yield* Effect.all(Array.from({ length: turns }, () => milliseconds(times)))
    return Math.min(...found) / times
  })

/** Waits until the device has computed it. */
const settled = (tensor: Tensor) =>
  Effect.promise(async () => {
    const first = tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), [0], [1]))
    await first.data()
    first.dispose()
  })

const productOf = (size: number) =>
  Effect.gen(function* () {
    const owner = yield* Tensors.scoped
    const [a, b] = owner.compute((): [Tensor, Tensor] => [matrix(size), matrix(size)])
    return timed((times) =>
      Effect.gen(function* () {
        for (let i = 1; i < times; i++) tf.matMul(a, b).dispose()
        const last = owner.own(tf.matMul(a, b))
        yield* settled(last)
        owner.release(last)
      }),
    )
  })

/** The largest product that fits in a turn. */
const product = Effect.gen(function* () {
  let size = 64
  for (;;) {
    const milliseconds = yield* productOf(size)
    const next = nextSize(size, yield* single(milliseconds))
    if (next === size) return { size, gflops: gflops(productOperations(size), yield* quickest(milliseconds)) }
    size = next
  }
}).pipe(Effect.scoped)

const step = (batch: number) =>
  Effect.gen(function* () {
    const recording = yield* record(perceptron)
    const given = batchOf(batch)
    const train = timed((times) =>
      Effect.gen(function* () {
        for (let i = 1; i < times; i++) tf.dispose({ ...(yield* recording.run("train", given)) })
        const { loss } = yield* recording.run("train", given)
        yield* settled(loss!)
        loss!.dispose()
      }),
    )
    return { batch, milliseconds: yield* quickest(train) }
  }).pipe(Effect.scoped)

/** Measures the backend in use: a product of matrices, then a training step, smaller ones where it is slow. */
export const measure: Effect.Effect<Speed, TensorError, Backend> = Backend.use(({ run }) =>
  run(
    Effect.gen(function* () {
      const found = yield* product
      return { product: found, step: yield* step(batchFor(found.gflops)) }
    }),
  ),
)
