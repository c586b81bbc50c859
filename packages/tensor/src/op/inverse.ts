/** Inverses of small positive definite matrices. */
import { type Tensor, tf } from "../tf.ts"
import { operation, taped } from "./operation.ts"

const basis = (size: number, i: number) => Array.from({ length: size }, (_, j) => (i === j ? 1 : 0))

/** Gauss and Jordan's sweep by pivot i, `A <- A - (A e - e)(e' A + e') / e' A e`: after all of them A is its inverse. */
const sweep = (a: Tensor, i: number): Tensor => {
  const size = a.shape.at(-1)!
  const from = (row: number, column: number) => [...a.shape.slice(0, -2).map(() => 0), row, column]
  const part = (rows: number, columns: number) => [...a.shape.slice(0, -2), rows, columns]
  const e = tf.tensor1d(basis(size, i))
  const column = tf.sub(tf.slice(a, from(0, i), part(size, 1)), tf.reshape(e, [size, 1]))
  const row = tf.slice(a, from(i, 0), part(1, size))
  const pivot = tf.slice(row, from(0, i), part(1, 1))
  return tf.sub(a, tf.mul(column, tf.div(tf.add(row, e), pivot)))
}

const run: (inputs: { readonly a: Tensor }, attributes: {}) => Tensor = operation<"a", {}>({
  kernel: "RelentInverse",
  inputs: ["a"],
  compute: ({ a }) => {
    const size = a.shape.at(-1)!
    const diagonal = tf.sum(tf.mul(a, tf.eye(size)), -1, true)
    // with a diagonal of 1 no pivot of a positive definite matrix is above 1, and nothing cancels in a sweep
    const scale = tf.rsqrt(diagonal)
    const across = tf.mul(scale, tf.reshape(scale, [...a.shape.slice(0, -2), 1, size]))
    let swept: Tensor = tf.mul(a, across)
    for (let i = 0; i < size; i++) swept = sweep(swept, i)
    return tf.mul(swept, across)
  },
  gradient: (dy, { a }, [y]) => {
    const inverse = taped() ? run({ a }, {}) : y!
    return { a: () => tf.neg(tf.matMul(tf.matMul(inverse, dy, true, false), inverse, false, true)) }
  },
})

/**
 * The inverses of positive definite matrices `[..., n, n]`, `n` of sweeps one after the other: for small ones. Float32 holds about
 * seven digits less those of the condition number; a matrix that isn't positive definite gives numbers without meaning.
 */
export const inverse = (a: Tensor): Tensor => run({ a }, {})
