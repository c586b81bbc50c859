/** Small computations whose numbers two backends must share. */
import { type Tensor, tf } from "@relent/tensor"

export interface Case {
  readonly name: string
  readonly compute: () => Tensor
}

const size = (shape: ReadonlyArray<number>) => shape.reduce((n, d) => n * d, 1)
/** Multiples of 1/64 in (-2, 2], none of them 0. */
export const grid = (...shape: ReadonlyArray<number>): Tensor =>
  tf.tensor(
    Float32Array.from({ length: size(shape) }, (_, i) => (((i * 37) % 256) - 127.5) / 64),
    [...shape],
  )
/** In (0, 1). */
const share = (...shape: ReadonlyArray<number>): Tensor => tf.add(tf.div(grid(...shape), 4.1), 0.5)
const whole = (below: number, ...shape: ReadonlyArray<number>): Tensor =>
  tf.tensor(
    Int32Array.from({ length: size(shape) }, (_, i) => (i * 7) % below),
    [...shape],
    "int32",
  )
const number = (x: Tensor) => tf.cast(x, "float32")

type Unary = (x: Tensor) => Tensor
const smooth: Record<string, Unary> = {
  exp: tf.exp,
  expm1: tf.expm1,
  sin: tf.sin,
  cos: tf.cos,
  tanh: tf.tanh,
  sinh: tf.sinh,
  cosh: tf.cosh,
  atan: tf.atan,
  asinh: tf.asinh,
  sigmoid: tf.sigmoid,
  softplus: tf.softplus,
  square: tf.square,
  erf: tf.erf,
  elu: tf.elu,
  selu: tf.selu,
  relu: tf.relu,
  relu6: tf.relu6,
  leakyRelu: (x) => tf.leakyRelu(x),
  neg: tf.neg,
  abs: tf.abs,
  reciprocal: tf.reciprocal,
  clip: (x) => tf.clipByValue(x, -1, 0.5),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => tf.logSoftmax(x),
}
const positive: Record<string, Unary> = {
  log: tf.log,
  log1p: tf.log1p,
  sqrt: tf.sqrt,
  rsqrt: tf.rsqrt,
  pow: (x) => tf.pow(x, 1.5),
  asin: tf.asin,
  acos: tf.acos,
  atanh: tf.atanh,
  logSigmoid: tf.logSigmoid,
}
const stepped: Record<string, Unary> = {
  floor: tf.floor,
  ceil: tf.ceil,
  sign: tf.sign,
  round: tf.round,
  step: (x) => tf.step(x),
  isNaN: (x) => number(tf.isNaN(x)),
}
const binary: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: tf.div,
  maximum: tf.maximum,
  minimum: tf.minimum,
  squaredDifference: tf.squaredDifference,
  atan2: tf.atan2,
  floorDiv: tf.floorDiv,
  mod: tf.mod,
  greater: (a, b) => number(tf.greater(a, b)),
  lessEqual: (a, b) => number(tf.lessEqual(a, b)),
  equal: (a, b) => number(tf.equal(a, b)),
  prelu: (a, b) => tf.prelu(a, b),
}
const reductions: Record<string, (x: Tensor, axis: number | Array<number>) => Tensor> = {
  sum: (x, axis) => tf.sum(x, axis),
  mean: (x, axis) => tf.mean(x, axis),
  max: (x, axis) => tf.max(x, axis),
  min: (x, axis) => tf.min(x, axis),
  prod: (x, axis) => tf.prod(x, axis),
  logSumExp: (x, axis) => tf.logSumExp(x, axis),
  any: (x, axis) => number(tf.any(tf.greater(x, 1), axis)),
  all: (x, axis) => number(tf.all(tf.greater(x, -1.9), axis)),
}

const shapes = [[5], [3, 130], [2, 3, 4, 5]] as const
const named = <F>(table: Record<string, F>, cases: (name: string, f: F) => ReadonlyArray<Case>) =>
  Object.entries(table).flatMap(([name, f]) => cases(name, f))
const gradient = (f: Unary, x: () => Tensor) => () => tf.grad((x) => tf.sum(tf.mul(f(x), f(x))))(x())

const elementwise: ReadonlyArray<Case> = [
  ...named({ ...smooth, ...stepped }, (name, f) =>
    shapes.map((shape) => ({ name: `${name} [${shape.join()}]`, compute: () => f(grid(...shape)) })),
  ),
  ...named(positive, (name, f) =>
    shapes.map((shape) => ({ name: `${name} [${shape.join()}]`, compute: () => f(share(...shape)) })),
  ),
  ...named(smooth, (name, f) => [{ name: `gradient of ${name}`, compute: gradient(f, () => grid(6, 7)) }]),
  ...named(positive, (name, f) => [{ name: `gradient of ${name}`, compute: gradient(f, () => share(6, 7)) }]),
  ...named(binary, (name, f) =>
    [
      [
        [6, 7],
        [6, 7],
      ],
      [[6, 7], [7]],
      [
        [4, 1, 3],
        [5, 1],
      ],
    ].map(([a, b]) => ({
      name: `${name} [${a!.join()}] [${b!.join()}]`,
      compute: () => f(grid(...a!), share(...b!)),
    })),
  ),
  ...named(reductions, (name, f) =>
    [0, 1, [0, 2]].map((axis) => ({ name: `${name} over ${String(axis)}`, compute: () => f(grid(7, 5, 33), axis) })),
  ),
]

/** Small, one column, long inner, large: each takes another program on a card. */
const products = [
  [3, 4, 5],
  [1, 300, 1],
  [64, 3000, 32],
  [130, 70, 190],
  [256, 256, 256],
] as const
const matrices: ReadonlyArray<Case> = [
  ...products.flatMap(([m, k, n]) =>
    [
      [false, false],
      [true, false],
      [false, true],
      [true, true],
    ].map(([a, b]) => ({
      name: `product ${m}x${k}x${n}${a ? ", first transposed" : ""}${b ? ", second transposed" : ""}`,
      compute: () => tf.matMul(a ? grid(k, m) : grid(m, k), b ? grid(n, k) : grid(k, n), a, b),
    })),
  ),
  { name: "batch of products", compute: () => tf.matMul(grid(5, 17, 9), grid(5, 9, 8)) },
  { name: "batch of products with one matrix", compute: () => tf.matMul(grid(5, 17, 9), grid(1, 9, 8)) },
  {
    name: "gradient of a product",
    compute: gradient(
      (x) => tf.matMul(x, grid(9, 8)),
      () => grid(7, 9),
    ),
  },
  {
    name: "gradient of a batch of products",
    compute: gradient(
      (x) => tf.matMul(x, grid(3, 9, 8)),
      () => grid(3, 7, 9),
    ),
  },
]

const image = () => grid(2, 9, 8, 3) as tf.Tensor4D
const filter = (inner = 3, outer = 5) => grid(3, 3, inner, outer) as tf.Tensor4D
const as4 = (x: Tensor) => x as tf.Tensor4D
const images: ReadonlyArray<Case> = (["same", "valid"] as const).flatMap((pad) =>
  [1, 2].flatMap((stride) => {
    const table: Record<string, Unary> = {
      convolution: (x) => tf.conv2d(as4(x), filter(), stride, pad),
      "depthwise convolution": (x) => tf.depthwiseConv2d(as4(x), filter(3, 2), stride, pad),
      "largest of 2x2": (x) => tf.maxPool(as4(x), 2, stride, pad),
      "mean of 3x3": (x) => tf.avgPool(as4(x), 3, stride, pad),
    }
    const where = `${pad}, stride ${stride}`
    return [
      ...named(table, (name, f) => [
        { name: `${name}, ${where}`, compute: () => f(image()) },
        { name: `gradient of ${name}, ${where}`, compute: gradient(f, image) },
      ]),
      {
        name: `gradient of convolution's filter, ${where}`,
        compute: gradient(
          (w) => tf.conv2d(image(), as4(w), stride, pad),
          () => filter(),
        ),
      },
      {
        name: `gradient of depthwise convolution's filter, ${where}`,
        compute: gradient(
          (w) => tf.depthwiseConv2d(image(), as4(w), stride, pad),
          () => filter(3, 2),
        ),
      },
    ]
  }),
)

const x = () => grid(6, 5, 4)
const rearranged: Record<string, () => Tensor> = {
  transpose: () => tf.transpose(x(), [2, 0, 1]),
  "transpose of a matrix": () => tf.transpose(grid(70, 33)),
  reshape: () => tf.reshape(x(), [10, 12]),
  slice: () => tf.slice(x(), [1, 0, 2], [3, 5, 2]),
  "slice with steps": () => tf.stridedSlice(x(), [0, 4, 0], [6, 0, 4], [2, -1, 3]),
  pad: () =>
    tf.pad(
      x(),
      [
        [1, 2],
        [0, 0],
        [3, 0],
      ],
      7,
    ),
  concat: () => tf.concat([x(), grid(6, 2, 4)], 1),
  stack: () => tf.stack([x(), tf.neg(x())], 1),
  unstack: () => tf.unstack(x(), 1)[3]!,
  tile: () => tf.tile(x(), [2, 1, 3]),
  reverse: () => tf.reverse(x(), [0, 2]),
  gather: () => tf.gather(x(), whole(6, 9), 0),
  "gather along an axis": () => tf.gather(x(), whole(5, 3, 2), 1),
  "gather by points": () => tf.gatherND(x(), whole(4, 7, 2)),
  scatter: () => tf.scatterND(tf.tensor2d([[4], [1], [0]], [3, 1], "int32"), grid(3, 2), [6, 2]),
  "sums of segments": () => tf.unsortedSegmentSum(grid(9, 4), whole(5, 9) as tf.Tensor1D, 5),
  "one hot": () => number(tf.oneHot(whole(5, 12), 5)),
  where: () => tf.where(tf.greater(x(), 0), x(), tf.square(x())),
  broadcast: () => tf.broadcastTo(grid(5, 1), [3, 5, 4]),
  "running sum": () => tf.cumsum(x(), 1),
  "running sum, exclusive and reversed": () => tf.cumsum(x(), 2, true, true),
  argmax: () => number(tf.argMax(x(), 1)),
  argmin: () => number(tf.argMin(x(), 2)),
  "largest three": () => tf.topk(grid(4, 20), 3).values,
  "transpose of whole numbers": () => number(tf.transpose(whole(50, 4, 5, 6), [2, 0, 1])),
  "transpose of booleans": () => number(tf.transpose(tf.greater(x(), 0), [1, 2, 0])),
  casts: () => number(tf.cast(x(), "int32")),
  fill: () => tf.ones([3, 5]),
  range: () => tf.range(0, 40, 0.5),
  "linear space": () => tf.linspace(-1, 1, 11),
  einsum: () => tf.einsum("bij,bjk->ik", grid(3, 4, 5), grid(3, 5, 2)),
  moments: () => tf.moments(x(), [0, 1]).variance,
  norm: () => tf.norm(x(), 2, 1),
  "batch norm": () => tf.batchNorm(image(), grid(3) as tf.Tensor1D, share(3) as tf.Tensor1D),
  "resize, bilinear": () => tf.image.resizeBilinear(image(), [5, 13]),
  "resize, nearest": () => tf.image.resizeNearestNeighbor(image(), [18, 16]),
  "dense, bias, relu": () => tf.fused.matMul({ a: grid(9, 33), b: grid(33, 6), bias: grid(6), activation: "relu" }),
  "whole numbers": () => number(tf.add(tf.mul(whole(50, 40), whole(9, 40)), tf.scalar(3, "int32"))),
  "whole numbers divided": () => number(tf.floorDiv(whole(50, 40), tf.scalar(7, "int32"))),
}
const mapped: Record<string, Unary> = {
  transpose: (x) => tf.transpose(x, [2, 0, 1]),
  slice: (x) => tf.slice(x, [1, 0, 2], [3, 5, 2]),
  pad: (x) =>
    tf.pad(x, [
      [1, 2],
      [0, 0],
      [3, 0],
    ]),
  concat: (x) => tf.concat([x, x], 1),
  tile: (x) => tf.tile(x, [2, 1, 3]),
  gather: (x) => tf.gather(x, whole(6, 9), 0),
  where: (y) => tf.where(tf.greater(x(), 0), y, tf.square(y)),
  "log-sum-exp": (x) => tf.logSumExp(x, 1),
  max: (x) => tf.max(x, 2),
  "running sum": (x) => tf.cumsum(x, 2),
  mean: (x) => tf.mean(x, [0, 2]),
}

/** Over three hundred. */
export const cases: ReadonlyArray<Case> = [
  ...elementwise,
  ...matrices,
  ...images,
  ...named(rearranged, (name, compute) => [{ name, compute }]),
  ...named(mapped, (name, f) => [{ name: `gradient of ${name}`, compute: gradient(f, x) }]),
]
