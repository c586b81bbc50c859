/**
 * Programs of the library that are wrong, or whose bits differ from run to run, mended on their way to the card. Every
 * kernel runs its program through one method, so that a convolution that multiplies matrices inside is mended too.
 */
import type { KernelFunc, TensorInfo } from "@tensorflow/tfjs-core"
import { BatchMatMul, env, getKernel } from "@tensorflow/tfjs-core"
import type { WebgpuBackend } from "./failures.ts"

/** A program for a card, in WGSL, as the library's kernels describe it. */
export interface Program {
  shaderKey: string
  readonly outputShape: ReadonlyArray<number>
  /** In workgroups. */
  dispatch: readonly [number, number, number]
  readonly workgroupSize: readonly [number, number, number]
  /** Its output is added to by several at once. */
  atomic?: boolean
  /** The number of output values is a uniform. */
  size?: boolean
  readonly transposeA?: boolean
  readonly transposeB?: boolean
  getUserCode: () => string
}

export interface ProgramRunner {
  runWebGPUProgram: (
    program: Program,
    inputs: ReadonlyArray<TensorInfo>,
    dtype: string,
    uniforms?: unknown,
    output?: TensorInfo,
  ) => TensorInfo
  readonly disposeData: (dataId: object) => boolean
}

/** The library's number of the program for products with small tiles. */
const smallTiles = 2

/**
 * Few tiles and a long inner axis: the library cuts the axis in pieces whose sums are added in whatever order they come,
 * and reads a transposed second matrix as if it weren't. Small tiles do the same work in a fixed order.
 */
const productInOrder = (
  backend: ProgramRunner,
  { transposeA, transposeB }: Program,
  [a, b]: ReadonlyArray<TensorInfo>,
): TensorInfo => {
  const { kernelFunc } = getKernel(BatchMatMul, "webgpu") as { readonly kernelFunc: KernelFunc }
  env().set("WEBGPU_MATMUL_PROGRAM_TYPE", smallTiles)
  try {
    const given = { inputs: { a: a!, b: b! }, backend, attrs: { transposeA, transposeB } as never }
    return kernelFunc(given) as TensorInfo
  } finally {
    env().set("WEBGPU_MATMUL_PROGRAM_TYPE", -1)
  }
}

/** Each sum adds its rows in their order, instead of every row being added to its sum at some time. */
const segmentsInOrder = (program: Program): void => {
  const [rows, segments] = program.outputShape as readonly [number, number]
  program.shaderKey = "relentSegmentSum"
  program.atomic = false
  program.size = true
  program.dispatch = [Math.ceil((rows * segments) / program.workgroupSize[0]), 1, 1]
  program.getUserCode = () => `
    fn main(index : i32) {
      if (index < uniforms.size) {
        let coords = getCoordsFromIndex(index);
        var total = 0.0;
        for (var i = 0; i < uniforms.xShape[1]; i = i + 1) {
          if (i32(getSegmentIds(i)) == coords[1]) {
            total = total + getX(coords[0], i);
          }
        }
        setOutputAtIndex(index, total);
      }
    }`
}

/** Whole numbers and booleans too: the stock program hands them to a function that takes floats. */
const transposeOfAnyType = (program: Program): void => {
  const stock = program.getUserCode.bind(program)
  program.getUserCode = () =>
    stock().replace(/setOutputAtIndex\(flatIndex, (A\[[\s\S]*?\])\);/, "result[flatIndex] = $1;")
}

/** Puts the mended programs in place. Once a backend. */
export const mendPrograms = (backend: WebgpuBackend & ProgramRunner): void => {
  const run = backend.runWebGPUProgram.bind(backend)
  backend.runWebGPUProgram = (program, inputs, dtype, uniforms, output) => {
    const { shaderKey } = program
    if (shaderKey.startsWith("matMulSplitK_")) {
      if (output !== undefined) backend.disposeData(output.dataId) // zeros to add to
      return productInOrder(backend, program, inputs)
    }
    if (shaderKey === "unsortedSegmentSum" && dtype === "float32") segmentsInOrder(program)
    if (shaderKey.startsWith("transpose_") && dtype !== "float32") transposeOfAnyType(program)
    return run(program, inputs, dtype, uniforms, output)
  }
}
