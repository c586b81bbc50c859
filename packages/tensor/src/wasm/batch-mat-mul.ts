/**
 * Matrix products on wasm, all of them through XNNPACK.
 *
 * The stock kernel takes its fast path only for one product of operands that aren't transposed; every gradient of a
 * dense layer, and every product with a leading axis of members, falls into a plain triple loop, 8 to 17 times slower.
 * Here transposed operands are transposed first, and a batch of products is a loop over the fast path.
 */
import {
  BatchMatMul,
  type KernelFunc,
  type NamedTensorInfoMap,
  type TensorInfo,
  Transpose,
} from "@tensorflow/tfjs-core"
import { getKernel, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core"
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { moduleOf } from "./module.ts"

const numbers = (count: number) => Array.from({ length: count }, () => "number" as const)
const FLOAT = Float32Array.BYTES_PER_ELEMENT
const sizeOf = (shape: ReadonlyArray<number>) => shape.reduce((size, n) => size * n, 1)
const bytesOf = (shape: ReadonlyArray<number>) => new Uint8Array(new Int32Array(shape).buffer)

/** Registers the kernel in place of the stock one. Once a process. */
export const registerBatchMatMul = (backend: BackendWasm): void => {
  const stock = getKernel(BatchMatMul, "wasm")
  const transpose = getKernel(Transpose, "wasm").kernelFunc
  const wasm = moduleOf(backend)
  const product = wasm.cwrap(BatchMatMul, null, ["number", "array", "number", "number", "array", ...numbers(4)])
  const run = (kernel: KernelFunc, inputs: NamedTensorInfoMap, attrs: object) =>
    kernel({ inputs, backend, attrs: attrs as never }) as TensorInfo
  const address = (tensor: TensorInfo) => backend.getMemoryOffset(tensor.dataId)

  /** Matrices inside a tensor, under ids of their own; the memory stays the tensor's. */
  const matrix = (size: number, memoryOffset: number) => {
    const id = (backend as unknown as { dataIdNextNumber: number }).dataIdNextNumber++
    wasm.tfjs.registerTensor(id, size, memoryOffset)
    return id
  }

  const transposed = (x: TensorInfo) => {
    const rank = x.shape.length
    const perm = x.shape.map((_, axis) => (axis < rank - 2 ? axis : axis === rank - 1 ? rank - 2 : rank - 1))
    return run(transpose, { x }, { perm })
  }

  const untransposed = (a: TensorInfo, b: TensorInfo): TensorInfo => {
    const [rows, inner] = a.shape.slice(-2) as [number, number]
    const columns = b.shape.at(-1)!
    const [leadA, leadB] = [a.shape.slice(0, -2), b.shape.slice(0, -2)]
    const [countA, countB] = [sizeOf(leadA), sizeOf(leadB)]
    const count = Math.max(countA, countB)
    const fits = inner === b.shape.at(-2) && (countA === 1 || countB === 1 || leadA.join() === leadB.join())
    const aligned = fits && Math.min(countA, countB) > 0 // else the stock kernel says what is wrong
    if (count === 1 || !aligned || a.dtype !== "float32" || b.dtype !== "float32")
      return run(stock.kernelFunc, { a, b }, { transposeA: false, transposeB: false })
    const out = backend.makeOutput([...(countA < countB ? leadB : leadA), rows, columns], "float32")
    const [shapeA, shapeB] = [bytesOf([1, rows, inner]), bytesOf([1, inner, columns])]
    for (let m = 0; m < count; m++) {
      const ids = [
        matrix(rows * inner, address(a) + (countA === 1 ? 0 : m) * rows * inner * FLOAT),
        matrix(inner * columns, address(b) + (countB === 1 ? 0 : m) * inner * columns * FLOAT),
        matrix(rows * columns, address(out) + m * rows * columns * FLOAT),
      ] as const
      product(ids[0], shapeA, 3, ids[1], shapeB, 3, 0, 0, ids[2])
      for (const id of ids) wasm.tfjs.disposeData(id)
    }
    return out
  }

  unregisterKernel(BatchMatMul, "wasm")
  registerKernel({
    ...stock,
    kernelFunc: ({ inputs, attrs }) => {
      const { transposeA, transposeB } = attrs as { transposeA?: boolean; transposeB?: boolean }
      const a = transposeA ? transposed(inputs["a"]!) : inputs["a"]!
      const b = transposeB ? transposed(inputs["b"]!) : inputs["b"]!
      const out = untransposed(a, b)
      if (transposeA) backend.disposeData(a.dataId)
      if (transposeB) backend.disposeData(b.dataId)
      return out
    },
  })
}
