/** Work of every family of kernels, in parts enough for many threads and in sizes that they share unevenly. */
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { type RowProgram, tf } from "../../src/index.ts"
import { gates, gateSlopes, slopes } from "../../src/wasm/kernel/activation.ts"
import { adam } from "../../src/wasm/kernel/adam.ts"
import { binaries } from "../../src/wasm/kernel/binary.ts"
import { conv2d } from "../../src/wasm/kernel/convolution.ts"
import { conv2dBackpropFilter, conv2dBackpropInput } from "../../src/wasm/kernel/convolution-gradient.ts"
import {
  crossEntropy,
  crossEntropyGrad,
  sparseCrossEntropy,
  sparseCrossEntropyGrad,
} from "../../src/wasm/kernel/cross-entropy.ts"
import { depthwise, depthwiseFilter, depthwiseInput } from "../../src/wasm/kernel/depthwise.ts"
import { clip, elementwise } from "../../src/wasm/kernel/elementwise.ts"
import { gather, sumByIds, unsortedSegmentSum } from "../../src/wasm/kernel/gather.ts"
import { concat, slice, split } from "../../src/wasm/kernel/move.ts"
import { layerNorm, layerNormGrad, layerNormParametersGrad } from "../../src/wasm/kernel/norm.ts"
import { avgPool, avgPoolGrad, maxPool, maxPoolGrad } from "../../src/wasm/kernel/pool.ts"
import { batchMatMul, dense } from "../../src/wasm/kernel/product.ts"
import { biasGrad, max, mean, min, prod, spread, sum } from "../../src/wasm/kernel/reduce.ts"
import { rowProgram } from "../../src/wasm/kernel/row-program.ts"
import {
  logSoftmax,
  logSoftmaxGrad,
  logSumExp,
  logSumExpGrad,
  maskedSoftmax,
  softmax,
  softmaxGrad,
} from "../../src/wasm/kernel/softmax.ts"
import { halfStep, halfStepGrad } from "../../src/wasm/kernel/transport.ts"
import { transpose } from "../../src/wasm/kernel/transpose.ts"
import type { Machine } from "../../src/wasm/machine.ts"
import type { OwnKernel, Place } from "../../src/wasm/own.ts"
import { draws } from "./property.ts"

const placed = (backend: BackendWasm, { shape, dtype, dataId }: tf.TensorInfo): Place => ({
  shape,
  dtype,
  address: backend.getMemoryOffset(dataId),
})

export type Work = (machine: Machine) => Promise<ReadonlyArray<number>>

const integers = new Set(["labels", "indices", "ids", "segmentIds"])

/** What a kernel computes of random numbers with a machine of its own; labels are whole numbers below 5. */
const work =
  <Names extends string, Attributes>(
    kernel: OwnKernel<Names, Attributes>,
    shapes: { readonly [name in Names]?: Array<number> },
    attributes: Attributes,
  ): Work =>
  async (machine) => {
    const backend = tf.backend() as BackendWasm
    const inputs = Object.entries<Array<number> | undefined>(shapes).map(([name, shape], i) => {
      const values = draws(i, tf.util.sizeFromShape(shape!))
      const labels = () =>
        tf.tensor(
          Int32Array.from(values, (v) => Math.floor(v + 2)),
          shape,
          "int32",
        )
      return [name, integers.has(name) ? labels() : tf.tensor(values, shape)] as const
    })
    const places = Object.fromEntries(inputs.map(([name, tensor]) => [name, placed(backend, tensor)])) as {
      readonly [name in Names]: Place
    }
    const made = kernel.outputs(places, attributes)!.map(({ shape }) => tf.zeros(shape))
    const outs = made.map((tensor) => placed(backend, tensor))
    kernel.bind(machine, places, outs, attributes)()
    const values = await Promise.all(made.map((tensor) => tensor.data()))
    tf.dispose([made, ...inputs.map(([, tensor]) => tensor)])
    return values.flatMap((some) => [...some])
  }

/** Products whose rows, columns or matrices are shared, by every number of threads unevenly. */
const products: ReadonlyArray<Work> = [
  work(batchMatMul, { a: [101, 33], b: [33, 77] }, {}),
  work(batchMatMul, { a: [30, 41], b: [117, 30] }, { transposeA: true, transposeB: true }),
  work(batchMatMul, { a: [11, 24, 33], b: [11, 24, 33] }, { transposeB: true }),
  work(batchMatMul, { a: [2, 1, 40, 20], b: [1, 20, 51] }, {}),
  work(dense, { x: [3, 70, 30], weight: [3, 30, 64], bias: [3, 1, 64] }, { activation: "relu" }),
  work(dense, { x: [40, 31], weight: [31, 103], bias: [103] }, { activation: "linear" }),
  work(dense, { x: [70, 31], weight: [31, 43], bias: [43] }, { activation: "tanh" }),
]

const sizes = { strides: 1, pad: "same", dataFormat: "NHWC", dimRoundingMode: "floor" } as const
const images: [number, number, number, number] = [11, 7, 9, 6]
const filter: [number, number, number, number] = [3, 3, 6, 18]
const slopesOf = [...images.slice(0, 3), 18]
const convolutions: ReadonlyArray<Work> = [
  work(conv2d, { x: images, filter }, { ...sizes, dilations: 1 }),
  work(conv2d, { x: images, filter }, { ...sizes, strides: 2, dilations: 1 }),
  work(conv2dBackpropFilter, { x: images, dy: slopesOf }, { ...sizes, filterShape: filter }),
  work(conv2dBackpropInput, { dy: slopesOf, filter }, { ...sizes, inputShape: images }),
  work(conv2dBackpropInput, { dy: [11, 4, 5, 18], filter }, { ...sizes, strides: 2, inputShape: images }),
]

/** e^x0 + x1, less its sum along the row. */
const program: RowProgram = {
  inputs: 2,
  steps: [
    { operation: "exp", operands: [{ value: 0 }] },
    { operation: "add", operands: [{ value: 2 }, { value: 1 }] },
    { operation: "sum", operands: [{ value: 3 }] },
    { operation: "sub", operands: [{ value: 3 }, { value: 4 }] },
  ],
}
const bySelf = { ...sizes, dilations: 1 } as const
const taps: [number, number, number, number] = [3, 3, 6, 3]
const depthwises: ReadonlyArray<Work> = [
  work(depthwise, { x: images, filter: taps }, bySelf),
  work(depthwiseInput, { dy: slopesOf, filter: taps }, { ...bySelf, inputShape: images }),
  work(depthwiseFilter, { x: images, dy: slopesOf }, { ...bySelf, filterShape: taps }),
]

const pooled: ReadonlyArray<Work> = [maxPool, avgPool, maxPoolGrad, avgPoolGrad].map((kernel) => {
  const [image, out] = [
    [11, 9, 10, 7],
    [11, 4, 4, 7],
  ]
  const attributes = { filterSize: 3, strides: 2, pad: 0 } as const
  return work(
    kernel as OwnKernel<"x" | "dy" | "input" | "output", typeof attributes>,
    { x: image, dy: out, input: image, output: out },
    attributes,
  )
})

const many = [37, 45]
const each = [37, 1]
const rows: ReadonlyArray<Work> = [
  ...[softmax, logSoftmax].map((kernel) => work(kernel, { logits: many }, {})),
  ...[softmaxGrad, logSoftmaxGrad].map((kernel) => work(kernel, { dy: many, y: many }, {})),
  work(logSumExp, { x: many }, {}),
  work(rowProgram, { x0: many, x1: each }, { program }),
  work(logSumExpGrad, { dy: each, x: many, y: each }, {}),
  work(maskedSoftmax, { logits: [5, ...many], mask: many }, {}),
  work(crossEntropy, { logits: many, target: many }, {}),
  work(crossEntropyGrad, { dy: [37], target: many, kept: many }, {}),
  work(sparseCrossEntropy, { logits: many, labels: [37] }, {}),
  work(sparseCrossEntropyGrad, { dy: [37], labels: [37], kept: many }, {}),
  ...[[45], [5, 1, 45]].flatMap((own) => {
    const [x, one] = [
      [5, 37, 45],
      [5, 37, 1],
    ]
    return [
      work(layerNorm, { x, scale: own, offset: own }, { epsilon: 1e-5 }),
      work(layerNormGrad, { dy: x, x, scale: own, mean: one, rate: one }, {}),
      work(layerNormParametersGrad, { dy: x, x, mean: one, rate: one }, { scale: own, offset: own }),
    ]
  }),
]

const step = { epsilon: 0.5, logMass: -1 }
const transports: ReadonlyArray<Work> = [[1], [5]].flatMap((lead) => {
  const [cost, left, right] = [
    [...lead, 61, 143],
    [...lead, 61, 1],
    [...lead, 143, 1],
  ]
  return [
    work(halfStep, { cost, h: right }, { ...step, of: "rows" }),
    work(halfStep, { cost, h: left }, { ...step, of: "columns" }),
    work(halfStepGrad, { dy: left, cost, h: right, y: left }, { ...step, of: "rows" }),
    work(halfStepGrad, { dy: right, cost, h: left, y: right }, { ...step, of: "columns" }),
  ]
})

const moved: ReadonlyArray<Work> = [
  work(slice, { x: [37, 9, 13] }, { begin: [1, 2, 3], size: [33, 5, 7] }),
  work(split, { x: [37, 45] }, { numOrSizeSplits: [45], axis: 1 }),
  work(concat, { 0: [37, 9], 1: [37, 13] }, { axis: 1 }),
  work(gather, { x: [5, 45], indices: [37] }, { axis: 0 }),
  work(gather, { x: [37, 5, 45], indices: [7] }, { axis: 1 }),
  work(sumByIds, { x: [37, 45], ids: [37] }, { rows: 5 }),
  work(unsortedSegmentSum, { x: [37, 3, 15], segmentIds: [37] }, { numSegments: 5 }),
]

const long = [1011]
const same = { weight: long, mean: long, square: long, gradient: long }
const numbers: ReadonlyArray<Work> = [
  ...[...elementwise, ...gates].map((kernel) => work(kernel, { x: long }, {})),
  work(clip, { x: long }, { clipValueMin: -0.5, clipValueMax: 1 }),
  ...binaries.flatMap((kernel) => [
    work(kernel, { a: long, b: long }, {}),
    work(kernel, { a: long, b: [] }, {}),
    work(kernel, { a: many, b: [45] }, {}),
    work(kernel, { a: each, b: many }, {}),
    work(kernel, { a: [7, 1, 45], b: [7, 5, 1] }, {}),
    work(kernel, { a: [37, 1, 5], b: [9, 1] }, {}),
  ]),
  ...binaries
    .filter(({ kernel }) => kernel === tf.Maximum || kernel === tf.Minimum)
    .map((kernel) => work(kernel, { a: [5, 1, 37, 1], b: [1, 7, 1, 45] }, {})),
  ...slopes.map((kernel) => work(kernel, { dy: long, y: long }, {})),
  ...gateSlopes.map((kernel) => work(kernel, { dy: long, x: long }, {})),
  work(adam, { ...same, rate: [], epsilon: [] }, { beta1: 0.9, beta2: 0.99 }),
  work(adam, { ...same, rate: [], epsilon: [], decay: [] }, { beta1: 0.9, beta2: 0.99 }),
]

const folds = [sum, mean, prod, max, min]
const axes: ReadonlyArray<Work> = [
  ...folds.flatMap((kernel) => [
    work(kernel, { x: [37, 145] }, { axis: 1, reductionIndices: 1 }),
    work(kernel, { x: [300, 145] }, { axis: 0, reductionIndices: 0 }),
    work(kernel, { x: [7, 31, 151] }, { axis: 1, reductionIndices: 1 }),
    work(kernel, { x: [2, 7, 31, 21] }, { axis: [0, 2], reductionIndices: [0, 2] }),
  ]),
  work(biasGrad, { x: [7, 31, 151] }, { shape: [151] }),
  work(spread, { x: [45] }, { shape: [301, 45] }),
  work(spread, { x: [45, 1] }, { shape: [45, 301] }),
  work(spread, { x: [7, 1, 5, 1] }, { shape: [7, 3, 5, 4] }),
  ...[
    { x: [203, 161], perm: [1, 0] },
    { x: [2, 31, 9, 50], perm: [0, 2, 1, 3] },
    { x: [3, 7, 9, 20], perm: [3, 1, 0, 2] },
    { x: [3, 901, 5], perm: [2, 1, 0] },
  ].map(({ x, perm }) => work(transpose, { x }, { perm })),
]

export const works = { products, convolutions, depthwises, pooled, moved, rows, transports, numbers, axes }
