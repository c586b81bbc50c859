/** Every operation of ours, and every gradient of the library's that we replaced, with its formula in float64. */
import {
  dense,
  embedding,
  gelu,
  inverse,
  layerNorm,
  logSoftmax,
  logSumExp,
  maskedSoftmax,
  silu,
  softmaxCrossEntropy,
  sparseSoftmaxCrossEntropy,
  squaredDistances,
  type Tensor,
  tf,
  transportHalfSteps,
} from "../src/index.ts"

type Row = ReadonlyArray<number>

export interface Input {
  readonly shape: ReadonlyArray<number>
  readonly values: Row
  /** What is no number to differentiate by: labels, masks. */
  readonly fixed?: "int32" | "float32"
}

export interface Case {
  readonly name: string
  readonly inputs: ReadonlyArray<Input>
  readonly of: (...tensors: ReadonlyArray<Tensor>) => Tensor
  /** The same in float64, on flat rows. */
  readonly exact: (...values: ReadonlyArray<Row>) => Row
}

/** Numbers between -2 and 2 without pattern, none near 0. */
const numbers = (shape: ReadonlyArray<number>, seed: number): Input => {
  const size = shape.reduce((n, d) => n * d, 1)
  const at = (i: number) => {
    const x = (((i + 1) * 7919 * (seed + 3)) % 997) / 249.25 - 2
    return Math.abs(x) < 0.05 ? x + 0.1 : x
  }
  return { shape, values: Array.from({ length: size }, (_, i) => Math.fround(at(i))) }
}
const fixed = (shape: ReadonlyArray<number>, values: Row, fixed: "int32" | "float32"): Input => ({
  shape,
  values,
  fixed,
})

const sum = (x: Row) => x.reduce((a, b) => a + b, 0)
const chunk = (x: Row, size: number) =>
  Array.from({ length: x.length / size }, (_, i) => x.slice(i * size, (i + 1) * size))
const lse = (x: Row) => {
  const top = Math.max(...x)
  return top === -Infinity ? top : top + Math.log(sum(x.map((v) => Math.exp(v - top))))
}
const logSoft = (x: Row) => x.map((v) => v - lse(x))
const relu = (x: number) => Math.max(x, 0)
const sigmoid = (x: number) => 1 / (1 + Math.exp(-x))

/** `[m, n, k] x [m or 1, k, p]`, one number after the other. */
const products = (a: Row, b: Row, [m, n, k, p]: readonly [number, number, number, number]) => {
  const lead = b.length / (k * p)
  return Array.from({ length: m * n * p }, (_, at) => {
    const [member, i, j] = [Math.floor(at / (n * p)), Math.floor(at / p) % n, at % p]
    return sum(
      Array.from({ length: k }, (_, l) => a[(member * n + i) * k + l]! * b[((member % lead) * k + l) * p + j]!),
    )
  })
}

const denseCase = (name: "linear" | "relu" | "tanh" | "sigmoid", members: number, f: (x: number) => number): Case => ({
  name: `dense, ${name}, ${members} members`,
  inputs: [numbers([members, 3, 4], 1), numbers([members, 4, 2], 2), numbers([members, 1, 2], 3)],
  of: (x, w, b) => dense(x, w, b, name),
  exact: (x, w, b) => products(x, w, [members, 3, 4, 2]).map((z, at) => f(z + b[Math.floor(at / 6) * 2 + (at % 2)]!)),
})

const norm = (x: Row) => {
  const mean = sum(x) / x.length
  const variance = sum(x.map((v) => (v - mean) ** 2)) / x.length
  return x.map((v) => (v - mean) / Math.sqrt(variance + 1e-5))
}

/** -(log sum exp(h - C / 0.7) - 0.5) of each row, or of each column, of costs [2, 3, 4]. */
const halfStep = (side: "rows" | "columns"): Case => {
  const [own, other] = side === "rows" ? [3, 4] : [4, 3]
  const at = (i: number, j: number) => (side === "rows" ? i * 4 + j : j * 4 + i)
  const places = (size: number) => Array.from({ length: size }, (_, i) => i)
  return {
    name: `a half-step of transport, ${side}`,
    inputs: [numbers([2, 3, 4], 26), numbers([2, other, 1], 27)],
    of: (cost, h) => transportHalfSteps(cost, 0.7)[side](h, -0.5),
    exact: (cost, h) =>
      [0, 1].flatMap((m) =>
        places(own).map((i) => 0.5 - lse(places(other).map((j) => h[m * other + j]! - cost[m * 12 + at(i, j)]! / 0.7))),
      ),
  }
}

const mask = [1, 1, 0, 0, 0, 0, 1, 0, 1]

export const cases: ReadonlyArray<Case> = [
  ...[1, 2].flatMap((members) => [
    denseCase("linear", members, (x) => x),
    denseCase("relu", members, relu),
    denseCase("tanh", members, Math.tanh),
    denseCase("sigmoid", members, sigmoid),
  ]),
  {
    name: "dense, matrices",
    inputs: [numbers([3, 4], 1), numbers([4, 2], 2), numbers([2], 3)],
    of: (x, w, b) => dense(x, w, b, "relu"),
    exact: (x, w, b) => products(x, w, [1, 3, 4, 2]).map((z, at) => relu(z + b[at % 2]!)),
  },
  {
    name: "dense, one input for two members",
    inputs: [numbers([1, 3, 4], 1), numbers([2, 4, 2], 2), numbers([2, 1, 2], 3)],
    of: (x, w, b) => dense(x, w, b, "tanh"),
    exact: (x, w, b) =>
      products([...x, ...x], w, [2, 3, 4, 2]).map((z, at) => Math.tanh(z + b[Math.floor(at / 6) * 2 + (at % 2)]!)),
  },
  {
    name: "log-softmax",
    inputs: [numbers([2, 2, 4], 4)],
    of: (z) => logSoftmax(z),
    exact: (z) => chunk(z, 4).flatMap(logSoft),
  },
  {
    name: "log-sum-exp",
    inputs: [numbers([2, 2, 4], 4)],
    of: (z) => logSumExp(z),
    exact: (z) => chunk(z, 4).map(lse),
  },
  {
    name: "log-sum-exp, kept",
    inputs: [numbers([2, 4], 5)],
    of: (z) => logSumExp(z, true),
    exact: (z) => chunk(z, 4).map(lse),
  },
  {
    name: "softmax cross-entropy",
    inputs: [numbers([2, 2, 3], 5), { ...numbers([2, 2, 3], 6), fixed: "float32" }],
    of: (z, p) => softmaxCrossEntropy(z, p),
    exact: (z, p) => chunk(z, 3).map((row, i) => -sum(logSoft(row).map((l, c) => l * p[i * 3 + c]!))),
  },
  {
    name: "softmax cross-entropy, by the target too",
    inputs: [numbers([4, 3], 5), numbers([4, 3], 6)],
    of: (z, p) => softmaxCrossEntropy(z, p, { gradient: "both" }),
    exact: (z, p) => chunk(z, 3).map((row, i) => -sum(logSoft(row).map((l, c) => l * p[i * 3 + c]!))),
  },
  {
    name: "softmax cross-entropy, labels",
    inputs: [numbers([2, 2, 3], 7), fixed([2, 2], [2, 0, 1, 1], "int32")],
    of: (z, labels) => sparseSoftmaxCrossEntropy(z, labels),
    exact: (z, labels) => chunk(z, 3).map((row, i) => -logSoft(row)[labels[i]!]!),
  },
  {
    name: "layer norm",
    inputs: [numbers([2, 2, 5], 8), numbers([5], 9), numbers([5], 10)],
    of: (x, scale, offset) => layerNorm(x, scale, offset),
    exact: (x, scale, offset) => chunk(x, 5).flatMap((row) => norm(row).map((v, c) => v * scale[c]! + offset[c]!)),
  },
  {
    name: "layer norm, members",
    inputs: [numbers([2, 2, 4], 8), numbers([2, 1, 4], 9), numbers([2, 1, 4], 10)],
    of: (x, scale, offset) => layerNorm(x, scale, offset),
    exact: (x, scale, offset) =>
      chunk(x, 4).flatMap((row, i) => {
        const at = Math.floor(i / 2) * 4
        return norm(row).map((v, c) => v * scale[at + c]! + offset[at + c]!)
      }),
  },
  {
    name: "masked softmax",
    inputs: [numbers([2, 3, 3], 11), fixed([3, 3], mask, "float32")],
    of: (z, m) => maskedSoftmax(z, m),
    exact: (z) =>
      chunk(z, 3).flatMap((row, i) => {
        const seen = mask.slice((i % 3) * 3, (i % 3) * 3 + 3)
        const e = row.map((v, c) => seen[c]! * Math.exp(v))
        return e.map((v) => (sum(e) === 0 ? 0 : v / sum(e)))
      }),
  },
  halfStep("rows"),
  halfStep("columns"),
  {
    name: "squared distances",
    inputs: [numbers([2, 3, 2], 12), numbers([2, 2, 2], 13)],
    of: (x, y) => squaredDistances(x, y),
    exact: (x, y) =>
      [0, 1].flatMap((m) =>
        [0, 1, 2].flatMap((i) =>
          [0, 1].map((j) => sum([0, 1].map((c) => (x[(m * 3 + i) * 2 + c]! - y[(m * 2 + j) * 2 + c]!) ** 2))),
        ),
      ),
  },
  {
    name: "inverse",
    inputs: [{ shape: [2, 2, 2], values: [3, 1, 0.5, 2, 0.4, -0.1, -0.3, 5] }],
    of: (a) => inverse(a),
    exact: (a) => chunk(a, 4).flatMap(([p, q, r, s]) => [s!, -q!, -r!, p!].map((v) => v / (p! * s! - q! * r!))),
  },
  {
    name: "embedding",
    inputs: [numbers([4, 3], 14), fixed([2, 2], [3, 0, 3, 1], "int32")],
    of: (table, ids) => embedding(table, ids),
    exact: (table, ids) => ids.flatMap((id) => table.slice(id * 3, id * 3 + 3)),
  },
  {
    name: "embedding, members",
    inputs: [numbers([2, 3, 2], 15), fixed([2, 3], [2, 0, 2, 1, 1, 0], "int32")],
    of: (table, ids) => embedding(table, ids),
    exact: (table, ids) =>
      ids.flatMap((id, i) => table.slice((Math.floor(i / 3) * 3 + id) * 2, (Math.floor(i / 3) * 3 + id) * 2 + 2)),
  },
  {
    name: "gelu",
    inputs: [numbers([3, 4], 24)],
    of: (x) => gelu(x),
    exact: (x) => x.map((v) => (v * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (v + 0.044715 * v ** 3)))) / 2),
  },
  {
    name: "silu",
    inputs: [numbers([3, 4], 25)],
    of: (x) => silu(x),
    exact: (x) => x.map((v) => v * sigmoid(v)),
  },
  {
    name: "relu of the library",
    inputs: [numbers([3, 4], 16)],
    of: (x) => tf.square(tf.relu(x)),
    exact: (x) => x.map((v) => relu(v) ** 2),
  },
  {
    name: "tanh of the library",
    inputs: [numbers([3, 4], 17)],
    of: (x) => tf.tanh(x),
    exact: (x) => x.map(Math.tanh),
  },
  {
    name: "sigmoid of the library",
    inputs: [numbers([3, 4], 18)],
    of: (x) => tf.sigmoid(x),
    exact: (x) => x.map(sigmoid),
  },
  {
    name: "softmax of the library",
    inputs: [numbers([2, 2, 4], 4)],
    of: (z) => tf.softmax(z),
    exact: (z) => chunk(z, 4).flatMap((row) => logSoft(row).map(Math.exp)),
  },
  {
    name: "sums and means of the library",
    inputs: [numbers([2, 3, 2], 19)],
    of: (x) => tf.mul(tf.sum(tf.square(x), [0, 2]), tf.mean(tf.exp(x), [0, 2])),
    exact: (x) =>
      [0, 1, 2].map((j) => {
        const own = x.filter((_, i) => Math.floor(i / 2) % 3 === j)
        return (sum(own.map((v) => v ** 2)) * sum(own.map(Math.exp))) / own.length
      }),
  },
  {
    name: "a bias of the library",
    inputs: [numbers([2, 3, 2], 20), numbers([2], 21)],
    of: (x, b) => tf.square(tf.add(x, b)),
    exact: (x, b) => x.map((v, i) => (v + b[i % 2]!) ** 2),
  },
  {
    name: "a product of the library, of one matrix",
    inputs: [numbers([1, 3, 2], 22), numbers([2, 4], 23)],
    of: (a, b) => tf.matMul(a, b),
    exact: (a, b) => products(a, b, [1, 3, 2, 4]),
  },
  {
    name: "a product of the library, of transposed matrices",
    inputs: [numbers([1, 1, 2, 3], 22), numbers([4, 2], 23)],
    of: (a, b) => tf.matMul(a, b, true, true),
    exact: (a, b) =>
      products(
        Array.from({ length: 6 }, (_, i) => a[(i % 2) * 3 + Math.floor(i / 2)]!),
        Array.from({ length: 8 }, (_, i) => b[(i % 4) * 2 + Math.floor(i / 4)]!),
        [1, 3, 2, 4],
      ),
  },
]
