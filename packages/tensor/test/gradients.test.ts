import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { Backend, type BackendName, detached, type Tensor, Tensors, tf } from "../src/index.ts"
import { allowPromotion } from "../src/testing.ts"

beforeAll(allowPromotion)

/** Numbers between two bounds that lie on no grid, different in each of them. */
const spread = (shape: ReadonlyArray<number>, seed: number, [low, high]: readonly [number, number]) => {
  const size = shape.reduce((product, n) => product * n, 1)
  const value = (_: unknown, i: number) =>
    low + (high - low) * ((((i + 1) * 0.6180339887 + seed * 0.2718) % 1) * 0.96 + 0.02)
  return tf.tensor(Float32Array.from({ length: size }, value), [...shape])
}

type Operation = (x: Tensor, y: Tensor, z: Tensor) => Tensor
interface Case {
  readonly f: Operation
  readonly shapes: ReadonlyArray<ReadonlyArray<number>>
  readonly range: readonly [number, number]
}
const one = (f: (x: any) => Tensor, range: readonly [number, number] = [-2, 2], shape = [2, 3, 4]): Case => ({
  f,
  shapes: [shape],
  range,
})
const two = (
  f: (x: any, y: any) => Tensor,
  range: readonly [number, number] = [0.2, 2],
  shapes = [[2, 3], [3]],
): Case => ({
  f,
  shapes,
  range,
})
const image = [2, 5, 6, 3]
const ids = (...of: ReadonlyArray<number>) => tf.tensor1d([...of], "int32")
const first = (x: Tensor | ReadonlyArray<Tensor>) => (x instanceof tf.Tensor ? x : x[0]!)

/** For each operation with a gradient, a way to use it. */
const cases: { readonly [kernel: string]: Case | ReadonlyArray<Case> } = {
  Abs: one(tf.abs),
  Acos: one(tf.acos, [-0.9, 0.9]),
  Acosh: one(tf.acosh, [1.1, 3]),
  Add: two(tf.add),
  AddN: two((x, y) => tf.addN([x, y]), [-1, 1], [[3], [3]]),
  ArgMax: one((x) => tf.add(tf.sum(x), tf.cast(tf.argMax(x, 1), "float32"))),
  ArgMin: one((x) => tf.add(tf.sum(x), tf.cast(tf.argMin(x, 1), "float32"))),
  Asin: one(tf.asin, [-0.9, 0.9]),
  Asinh: one(tf.asinh),
  Atan: one(tf.atan),
  Atan2: two(tf.atan2),
  Atanh: one(tf.atanh, [-0.9, 0.9]),
  AvgPool: (["same", "valid", 1] as const).map((pad) => one((x) => tf.avgPool(x, 3, 2, pad), [-1, 1], image)),
  AvgPool3D: one((x) => tf.avgPool3d(x, 2, 1, "valid"), [-1, 1], [1, 3, 4, 3, 2]),
  BatchMatMul: [
    two(
      (x, y) => tf.matMul(x, y),
      [-1, 1],
      [
        [2, 3, 4],
        [2, 4, 5],
      ],
    ),
    two(
      (x, y) => tf.matMul(x, y, true, true),
      [-1, 1],
      [
        [4, 3],
        [5, 4],
      ],
    ),
  ],
  BatchToSpaceND: one(
    (x) =>
      tf.batchToSpaceND(
        x,
        [2, 2],
        [
          [0, 0],
          [0, 1],
        ],
      ),
    [-1, 1],
    [4, 2, 3, 2],
  ),
  BroadcastTo: one((x) => tf.broadcastTo(x, [4, 2, 3]), [-1, 1], [2, 3]),
  Cast: one((x) => tf.mul(tf.cast(tf.cast(x, "int32"), "float32"), x)),
  Ceil: one((x) => tf.mul(tf.ceil(x), x)),
  ClipByValue: one((x) => tf.clipByValue(x, -1, 1)),
  Concat: two(
    (x, y) => tf.concat([x, y], 1),
    [-1, 1],
    [
      [2, 3],
      [2, 2],
    ],
  ),
  Conv2D: [
    two((x, y) => tf.conv2d(x, y, 1, "same"), [-1, 1], [image, [3, 3, 3, 4]]),
    two((x, y) => tf.conv2d(x, y, [2, 1], 1), [-1, 1], [image, [3, 2, 3, 4]]),
    two(
      (x, y) =>
        tf.conv2d(x, y, 2, [
          [0, 0],
          [2, 0],
          [1, 1],
          [0, 0],
        ]),
      [-1, 1],
      [image, [3, 3, 3, 4]],
    ),
  ],
  Conv2DBackpropInput: two(
    (x, y) => tf.conv2dTranspose(x, y, [2, 9, 11, 3], 2, "valid"),
    [-1, 1],
    [
      [2, 4, 5, 4],
      [3, 3, 3, 4],
    ],
  ),
  Conv3D: two(
    (x, y) => tf.conv3d(x, y, 1, "same"),
    [-1, 1],
    [
      [1, 3, 4, 3, 2],
      [2, 2, 2, 2, 3],
    ],
  ),
  Cos: one(tf.cos),
  Cosh: one(tf.cosh),
  Cumsum: [one((x) => tf.cumsum(x, 1)), one((x) => tf.cumsum(x, 0, true, true))],
  DepthwiseConv2dNative: [
    two((x, y) => tf.depthwiseConv2d(x, y, 2, "same"), [-1, 1], [image, [3, 3, 3, 2]]),
    two((x, y) => tf.depthwiseConv2d(x, y, 1, 1), [-1, 1], [image, [3, 2, 3, 1]]),
  ],
  Dilation2D: two((x, y) => tf.dilation2d(x, y, 1, "same"), [-1, 1], [image, [2, 2, 3]]),
  Elu: one(tf.elu),
  Erf: one(tf.erf),
  Exp: one(tf.exp),
  ExpandDims: one((x) => tf.expandDims(x, 1)),
  Expm1: one(tf.expm1),
  Floor: one((x) => tf.mul(tf.floor(x), x)),
  FloorDiv: two((x, y) => tf.add(tf.mul(x, y), tf.floorDiv(x, y))),
  FusedBatchNorm: {
    f: (x, y, z) => tf.batchNorm(x, y, tf.add(tf.square(z), 0.5), z, y, 0.01),
    shapes: [[4, 3], [3], [3]],
    range: [-1, 1],
  },
  GatherV2: [
    one((x) => tf.gather(x, ids(1, 0, 1), 0)),
    one((x) => tf.gather(x, ids(2, 2, 0), 1)),
    one((x) => tf.gather(x, tf.reshape(ids(1, 0, 2, 2), [2, 2]), 1, 1)),
  ],
  GreaterEqual: one((x) => tf.mul(tf.cast(tf.greaterEqual(x, tf.zerosLike(x)), "float32"), x)),
  Identity: one(tf.clone),
  IsFinite: one((x) => tf.mul(tf.cast(tf.isFinite(x), "float32"), x)),
  IsInf: one((x) => tf.add(tf.cast(tf.isInf(x), "float32"), x)),
  IsNan: one((x) => tf.add(tf.cast(tf.isNaN(x), "float32"), x)),
  LRN: one((x) => tf.localResponseNormalization(x, 1, 1, 0.5, 0.75), [-1, 1], image),
  LeakyRelu: one((x) => tf.leakyRelu(x, 0.1)),
  Log: one(tf.log, [0.2, 3]),
  Log1p: one(tf.log1p, [-0.5, 3]),
  LogSoftmax: one((x) => tf.logSoftmax(x)),
  Max: one((x) => tf.max(x, 1)),
  MaxPool: (["same", "valid", 1] as const).flatMap((pad) =>
    [-1, -3].flatMap((low) => [
      one((x) => tf.maxPool(x, 3, 2, pad), [low, low + 2], image),
      one((x) => tf.maxPool(x, 2, 2, pad), [low, low + 2], image),
    ]),
  ),
  MaxPool3D: one((x) => tf.maxPool3d(x, 2, 1, "valid"), [-1, 1], [1, 3, 4, 3, 2]),
  Maximum: two(tf.maximum),
  Mean: one((x) => tf.mean(x, 1)),
  Min: one((x) => tf.min(x, 1)),
  Minimum: two(tf.minimum),
  MirrorPad: one(
    (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 1],
          [0, 2],
        ],
        "reflect",
      ),
    [-1, 1],
    [3, 4],
  ),
  Mod: two(tf.mod),
  Multiply: two(tf.mul),
  Neg: one(tf.neg),
  OneHot: one((x) => tf.mul(tf.oneHot(tf.cast(tf.abs(x), "int32"), 3), tf.expandDims(x, 3))),
  OnesLike: one((x) => tf.mul(tf.onesLike(x), x)),
  Pack: two(
    (x, y) => tf.stack([x, y], 1),
    [-1, 1],
    [
      [2, 3],
      [2, 3],
    ],
  ),
  PadV2: one((x) =>
    tf.pad(
      x,
      [
        [1, 0],
        [0, 2],
        [1, 1],
      ],
      3,
    ),
  ),
  Pow: two(tf.pow),
  Prelu: two((x, y) => tf.prelu(tf.sub(x, 1), y)),
  Prod: one((x) => tf.prod(x, 1), [0.5, 2]),
  RealDiv: two(tf.div),
  Reciprocal: one(tf.reciprocal, [0.5, 2]),
  Relu: one(tf.relu),
  Relu6: one(tf.relu6, [-2, 8]),
  Reshape: one((x) => tf.reshape(x, [4, 6])),
  ResizeBilinear: [
    one((x) => tf.image.resizeBilinear(x, [7, 9]), [-1, 1], image),
    one((x) => tf.image.resizeBilinear(x, [3, 4], true), [-1, 1], image),
    one((x) => tf.image.resizeBilinear(x, [7, 3], false, true), [-1, 1], image),
  ],
  ResizeNearestNeighbor: [
    one((x) => tf.image.resizeNearestNeighbor(x, [10, 12]), [-1, 1], image),
    one((x) => tf.image.resizeNearestNeighbor(x, [3, 4], true), [-1, 1], image),
    one((x) => tf.image.resizeNearestNeighbor(x, [7, 3], false, true), [-1, 1], image),
  ],
  Reverse: one((x) => tf.reverse(x, [0, 2])),
  Round: one((x) => tf.mul(tf.round(x), x)),
  Rsqrt: one(tf.rsqrt, [0.3, 3]),
  Select: two(
    (x, y) =>
      tf.where(
        detached(() => tf.greater(x, y)),
        x,
        y,
      ),
    [-1, 1],
    [
      [2, 3],
      [2, 3],
    ],
  ),
  Selu: one(tf.selu),
  Sigmoid: one(tf.sigmoid),
  Sign: one((x) => tf.mul(tf.sign(x), x)),
  Sin: one(tf.sin),
  Sinh: one(tf.sinh),
  Slice: one((x) => tf.slice(x, [0, 1, 1], [2, 2, 2])),
  Softmax: one((x) => tf.softmax(x)),
  Softplus: one(tf.softplus),
  SpaceToBatchND: one(
    (x) =>
      tf.spaceToBatchND(
        x,
        [2, 2],
        [
          [0, 1],
          [0, 0],
        ],
      ),
    [-1, 1],
    image,
  ),
  SplitV: one((x) => tf.mul(tf.split(x, [1, 3], 2)[1]!, first(tf.split(x, [1, 3], 2)))),
  Sqrt: one(tf.sqrt, [0.3, 3]),
  Square: one(tf.square),
  SquaredDifference: two(tf.squaredDifference),
  Step: one((x) => tf.mul(tf.step(x, 0.1), x)),
  StridedSlice: [
    one((x) => tf.stridedSlice(x, [0, 1, 0], [2, 3, 4], [1, 1, 3])),
    one((x) => tf.stridedSlice(x, [1, 2, 3], [-9, 0, -9], [-1, -1, -2], 1, 4)),
    one((x) => tf.stridedSlice(x, [1, 0, 1], [2, 3, 4], [1, 1, 1], 0, 0, 0, 0, 1)),
    one((x) => tf.stridedSlice(x, [0, 0, 1, 0], [2, 1, 3, 4], [1, 1, 1, 3], 0, 0, 0, 2)),
    one((x) => tf.stridedSlice(x, [1, 0], [2, 3], [1, 2], 0, 0, 2)),
  ],
  Sub: two(tf.sub),
  Sum: one((x) => tf.sum(x, [0, 2])),
  Tan: one(tf.tan, [-1, 1]),
  Tanh: one(tf.tanh),
  Tile: one((x) => tf.tile(x, [2, 1, 3])),
  Transpose: one((x) => tf.transpose(x, [2, 0, 1])),
  Unpack: two((x, y) => tf.mul(first(tf.unstack(x, 1)), y), [-1, 1], [[2, 3], [2]]),
  UnsortedSegmentSum: one((x) => tf.unsortedSegmentSum(x, ids(1, 0, 1, 2), 3), [-1, 1], [4, 3]),
  ZerosLike: one((x) => tf.add(tf.zerosLike(x), x)),
}

/** What no network here needs: kernels for complex numbers, which wasm has no memory for. */
const without: ReadonlyArray<string> = ["ComplexAbs"]

const gradients = ({ f, shapes, range }: Case) =>
  tf.tidy(() => {
    const inputs = shapes.map((shape, i) => spread(shape, i, range))
    return tf.grads((...given: Array<Tensor>) => {
      const y = f(given[0]!, given[1]!, given[2]!)
      return tf.sum(tf.mul(y, spread(y.shape, 7, [0.5, 1.5])))
    })(inputs)
  })

/** To the largest number of a gradient. The language of graphics cards allows sines an error of 2^-11. */
const tolerance = (name: BackendName, kernel: string) =>
  name === "webgpu" && ["Sin", "Cos", "Tan"].includes(kernel) ? 2e-3 : 1e-4

const valuesOf = (given: Case) =>
  Effect.gen(function* () {
    const tensors = yield* Effect.sync(() => gradients(given))
    const values = yield* Effect.promise(() => Promise.all(tensors.map((t) => t.data())))
    tf.dispose(tensors)
    return values.flatMap((part) => Array.from(part))
  })

const open = (name: BackendName) => Effect.runPromise(Effect.exit(Effect.provide(Backend, Backend[name])))
const here = new Set<BackendName>()
for (const name of ["wasm", "tensorflow", "webgpu"] as const) if ((await open(name))._tag === "Success") here.add(name)

const run = (name: BackendName, given: Case) =>
  Backend.use((backend) => Tensors.leakFree(backend.run(valuesOf(given)))).pipe(
    Effect.provide(Backend[name]),
    Effect.runPromise,
  )

it("there is a case for each operation with a gradient", async () => {
  await open("cpu")
  const kernels = Object.values(tf).flatMap((value) =>
    typeof value === "string" && tf.getGradient(value) ? [value] : [],
  )
  expect(new Set([...Object.keys(cases), ...without])).toEqual(new Set(kernels))
})

describe.each(["wasm", "tensorflow", "webgpu"] as const)("gradients on %s", (name) => {
  const all = Object.entries(cases).flatMap(([kernel, some]) =>
    [some].flat().map((given, i) => [i === 0 ? kernel : `${kernel} ${i + 1}`, given] as const),
  )
  it.skipIf(!here.has(name)).each(all)("%s equals the reference's", { timeout: 60_000 }, async (kernel, given) => {
    const [found, wanted] = [await run(name, given), await run("cpu", given)]
    expect(found).toHaveLength(wanted.length)
    const scale = Math.max(1e-3, ...wanted.map(Math.abs))
    const wrong = found.filter((n, i) => !(Math.abs(n - wanted[i]!) <= tolerance(name, kernel) * scale))
    expect(wrong).toEqual([])
  })
})
