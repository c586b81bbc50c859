/** Autoregressive policies on a backend: a causal transformer, float32. */
import { tensorValue } from "@relent/arrow"
import { logSoftmax, NotADistribution } from "@relent/divergence"
import { hiddenOf, outputTable } from "@relent/nn"
import type { Draws } from "@relent/random"
import { Backend, type Owner, type Tensor, type TensorError, Tensors, tf, toDevice, type Tree } from "@relent/tensor"
import { Effect } from "effect"
import { applyNext, type Kept } from "./incremental.ts"
import type { AutoregressivePolicy } from "./policy.ts"
import { pick, type Samples } from "./samples.ts"
import { tokenLogs } from "./token-logs.ts"

/** Rows that go through the network at once. */
const atOnce = 64

const paths = (policy: AutoregressivePolicy) => Object.keys(policy.weights).toSorted()

/** The weights in one row, by the order of their paths. */
export const parametersOf = (policy: AutoregressivePolicy): Float64Array =>
  Float64Array.from(paths(policy).flatMap((path) => Array.from(policy.weights[path]!.values as Float32Array)))

/** The policy with these weights, rounded to float32. Throws `NotADistribution` for one that isn't finite. */
export const withParameters = (policy: AutoregressivePolicy, parameters: Float64Array): AutoregressivePolicy => {
  let from = 0
  const weights = Object.fromEntries(
    paths(policy).map((path) => {
      const { shape, values } = policy.weights[path]!
      const part = Float32Array.from(parameters.subarray(from, from + values.length))
      from += values.length
      if (!part.every(Number.isFinite))
        throw new NotADistribution({ argument: "policy", reason: `its weight '${path}' isn't finite` })
      return [path, tensorValue("float32", part, shape)]
    }),
  )
  return { ...policy, weights }
}

/** `[1, rows, length]`: the start, then all tokens but the last. */
const before = ({ start }: AutoregressivePolicy, { length, tokens, lengths }: Samples): Tensor =>
  tf.tensor3d(
    Int32Array.from(tokens, (_, i) => (i % length === 0 ? start : tokens[i - 1]!)),
    [1, lengths.length, length],
    "int32",
  )

/** `log pi` of the int32 tokens `next` `[1, rows, length]` after `ids` of the same shape, `[rows, length]`: of a network of one member. */
export const nextTokenLogs = (shape: AutoregressivePolicy["shape"], tree: Tree, ids: Tensor, next: Tensor): Tensor => {
  const [, rows, length] = ids.shape as [number, number, number]
  const hidden = tf.reshape(hiddenOf(shape, tree, ids), [rows * length, shape.width])
  const table = tf.reshape(outputTable(shape, tree), [shape.vocabulary, shape.width])
  return tf.reshape(tokenLogs(hidden, table, tf.reshape(next, [rows * length])), [rows, length])
}

/** `log pi(x_t | before)`, `[rows, length]`. */
const logsOf = ({ shape }: AutoregressivePolicy, tree: Tree, ids: Tensor, { tokens }: Samples): Tensor =>
  nextTokenLogs(shape, tree, ids, tf.tensor3d(tokens, ids.shape as [number, number, number], "int32"))

const pieces = (samples: Samples): ReadonlyArray<{ readonly from: number; readonly part: Samples }> =>
  Array.from({ length: Math.ceil(samples.lengths.length / atOnce) }, (_, k) => {
    const rows = Array.from({ length: Math.min(atOnce, samples.lengths.length - k * atOnce) }, (_, i) => k * atOnce + i)
    return { from: k * atOnce * samples.length, part: pick(samples, rows) }
  })

/** Runs what looks at a policy's network, its weights on the device. */
const onDevice = <A>(
  policy: AutoregressivePolicy,
  look: (owner: Owner, tree: Tree) => Effect.Effect<A>,
): Effect.Effect<A, TensorError, Backend> =>
  Backend.use((backend) =>
    backend.run(
      Effect.scoped(Effect.flatMap(Tensors.scoped, (owner) => look(owner, owner.own(toDevice(policy.weights))))),
    ),
  )

/** 1 for tokens that count. */
const maskOf = ({ length, lengths, tokens }: Samples): Float64Array =>
  Float64Array.from(tokens, (_, i) => (i % length < lengths[Math.floor(i / length)]! ? 1 : 0))

/** `log pi` of each token given those before it, `[rows, length]`; 0 for tokens that don't count. */
export const tokenLogProbabilities = (
  policy: AutoregressivePolicy,
  samples: Samples,
): Effect.Effect<Float64Array, TensorError, Backend> =>
  Effect.gen(function* () {
    const out = new Float64Array(samples.tokens.length)
    yield* onDevice(policy, (owner, tree) =>
      Effect.gen(function* () {
        for (const { from, part } of pieces(samples)) {
          const logs = owner.compute(() => logsOf(policy, tree, before(policy, part), part))
          out.set(yield* Effect.promise(() => logs.data()), from)
          owner.release(logs)
        }
      }),
    )
    const counts = maskOf(samples)
    return out.map((l, i) => (counts[i] === 0 ? 0 : l))
  })

/** `sum_(i, t) weights[i, t] grad log pi(x_it | before)`, in the order of `parametersOf`. */
export const score = (
  policy: AutoregressivePolicy,
  samples: Samples,
  weights: Float64Array,
): Effect.Effect<Float64Array, TensorError, Backend> =>
  Effect.gen(function* () {
    const names = paths(policy)
    const sizes = names.map((path) => policy.weights[path]!.values.length)
    const out = new Float64Array(sizes.reduce((sum, n) => sum + n, 0))
    const counted = maskOf(samples).map((m, i) => (m === 0 ? 0 : weights[i]!))
    yield* onDevice(policy, (owner, tree) =>
      Effect.gen(function* () {
        for (const { from, part } of pieces(samples)) {
          const gradients = owner.compute(() => {
            const w = tf.tensor2d(Float32Array.from(counted.subarray(from, from + part.tokens.length)), [
              part.lengths.length,
              part.length,
            ])
            const ids = before(policy, part)
            const total = (...tensors: Array<Tensor>) => {
              const given = Object.fromEntries(names.map((path, i) => [path, tensors[i]!]))
              return tf.sum(tf.mul(logsOf(policy, given, ids, part), w))
            }
            return tf.grads(total)(names.map((path) => tree[path]!))
          })
          let at = 0
          for (const gradient of gradients) {
            const values = (yield* Effect.promise(() => gradient.data())) as Float32Array
            for (let i = 0; i < values.length; i++) out[at + i]! += values[i]!
            at += values.length
          }
          owner.release(gradients)
        }
      }),
    )
    return out
  })

/** So many sequences, token by token; the draws of sequence i are `draws(i)`, one a place: neither their number nor their order matters. */
export const sample = (
  policy: AutoregressivePolicy,
  count: number,
  draws: (index: number) => Draws,
): Effect.Effect<Samples, TensorError, Backend> =>
  Effect.gen(function* () {
    const { length, start, end, shape } = policy
    const V = shape.vocabulary
    const own = Array.from({ length: count }, (_, i) => draws(i))
    const tokens = new Int32Array(count * length)
    const lengths = new Int32Array(count).fill(length)
    yield* onDevice(policy, (owner, tree) =>
      Effect.gen(function* () {
        for (let from = 0; from < count; from += atOnce) {
          const rows = Math.min(atOnce, count - from)
          let before: Array<Kept> = []
          for (let t = 0; t < length; t++) {
            const given = Int32Array.from({ length: rows }, (_, row) =>
              t === 0 ? start : tokens[(from + row) * length + t - 1]!,
            )
            const { logits: last, kept } = owner.compute(() =>
              applyNext(shape, tree, tf.tensor3d(given, [1, rows, 1], "int32"), t, before),
            )
            owner.release(before)
            before = kept
            const values = (yield* Effect.promise(() => last.data())) as Float32Array
            owner.release(last)
            for (let row = 0; row < rows; row++) {
              const i = from + row
              const token = own[i]!.categorical(logSoftmax(values.subarray(row * V, (row + 1) * V)).map(Math.exp))
              if (t < lengths[i]!) tokens[i * length + t] = token
              if (token === end && lengths[i] === length && t < length) lengths[i] = t + 1
            }
          }
          owner.release(before)
        }
      }),
    )
    return { contexts: new Int32Array(count), length, tokens, lengths }
  })
