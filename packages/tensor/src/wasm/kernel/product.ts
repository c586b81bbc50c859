/** Products of matrices, whatever is transposed or batched, and dense layers. */
import { isBias } from "../../op/broadcast.ts"
import { type DenseActivation, DenseKernel } from "../../op/dense.ts"
import { tf } from "../../tf.ts"
import type { Machine } from "../machine.ts"
import { areFloats, FLOAT, float, inOrder, type OwnKernel, type Place, type Shaped, sizeOf } from "../own.ts"
import { mapped } from "./elementwise.ts"

interface Transposed {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}
type Lead = Array<number>
const leadOf = ({ shape }: Shaped): Lead => shape.slice(0, -2)

/** Sizes of a product, and how each operand is strided; nothing for operands that don't fit, which the library refuses. */
const sizesOf = (a: Shaped, b: Shaped, { transposeA = false, transposeB = false }: Transposed) => {
  const [rows, depth] = (transposeA ? a.shape.slice(-2).toReversed() : a.shape.slice(-2)) as [number, number]
  const [inner, columns] = (transposeB ? b.shape.slice(-2).toReversed() : b.shape.slice(-2)) as [number, number]
  if (!areFloats(a, b) || Math.min(a.shape.length, b.shape.length) < 2 || depth !== inner) return undefined
  const lead: Lead = tf.broadcast_util.assertAndGetBroadcastShape(leadOf(a), leadOf(b))
  return {
    lead,
    rows,
    depth,
    columns,
    aRow: transposeA ? FLOAT : depth * FLOAT,
    aColumn: transposeA ? rows * FLOAT : FLOAT,
    bRow: transposeB ? FLOAT : columns * FLOAT,
    bColumn: transposeB ? depth * FLOAT : FLOAT,
  }
}

/** One product, with the addresses of what it is made of. */
interface Product extends Pick<
  NonNullable<ReturnType<typeof sizesOf>>,
  "rows" | "depth" | "columns" | "aRow" | "aColumn" | "bRow" | "bColumn"
> {
  readonly a: number
  readonly b: number
  readonly c: number
  /** 0 for none. */
  readonly bias: number
  readonly relu: boolean
}

/** Threads share its rows, or its columns where those are more: what isn't shared each of them packs. */
const one = (machine: Machine, product: Product): (() => void) => {
  const { rows, columns, depth, a, aRow, aColumn, b, bRow, bColumn, c, bias, relu } = product
  const stride = columns * FLOAT
  const cost = rows * columns * depth
  if (rows >= columns)
    return machine.share({ count: rows, grain: 6, cost }, (from, to, workspace) => {
      const [left, out] = [a + from * aRow, c + from * stride]
      const height = to - from
      return ["gemm", height, columns, depth, left, aRow, aColumn, b, bRow, bColumn, out, stride, bias, relu, workspace]
    })
  return machine.share({ count: columns, grain: 8, cost }, (from, to, workspace) => {
    const [right, out, plus] = [b + from * bColumn, c + from * FLOAT, bias === 0 ? 0 : bias + from * FLOAT]
    const width = to - from
    return ["gemm", rows, width, depth, a, aRow, aColumn, right, bRow, bColumn, out, stride, plus, relu, workspace]
  })
}

/** Which of an operand's matrices each of the product's is made of. */
const matricesOf = (lead: Lead, own: Lead): ReadonlyArray<number> => {
  const axes = lead.map((_, axis) => own[axis - (lead.length - own.length)] ?? 1)
  return Array.from({ length: sizeOf(lead) }, (_, at) => {
    let [rest, index, step] = [at, 0, 1]
    for (let axis = lead.length - 1; axis >= 0; axis--) {
      if (axes[axis] !== 1) index += (rest % lead[axis]!) * step
      step *= axes[axis]!
      rest = Math.floor(rest / lead[axis]!)
    }
    return index
  })
}

interface Epilogue {
  readonly bias?: Place
  readonly relu?: boolean
}

const product = (
  machine: Machine,
  { a, b }: { readonly a: Place; readonly b: Place },
  out: Place,
  transposed: Transposed,
  { bias, relu = false }: Epilogue = {},
): (() => void) => {
  const sizes = sizesOf(a, b, transposed)!
  const { lead, rows, depth, columns, aRow, aColumn, bRow, bColumn } = sizes
  const [count, countA, countB] = [sizeOf(lead), sizeOf(leadOf(a)), sizeOf(leadOf(b))]
  const countBias = bias === undefined ? 1 : sizeOf(leadOf(bias))
  const first = { ...sizes, a: a.address, b: b.address, c: out.address, bias: bias?.address ?? 0, relu }
  // One right matrix for all: one product, of all their rows.
  if (countB === 1 && countBias === 1 && countA === count && transposed.transposeA !== true)
    return one(machine, { ...first, rows: rows * count })
  const bytes = {
    a: rows * depth * FLOAT,
    b: depth * columns * FLOAT,
    c: rows * columns * FLOAT,
    bias: columns * FLOAT,
  }
  if ((countA === 1 || countA === count) && (countB === 1 || countB === count) && count >= machine.threads) {
    const step = (of: keyof typeof bytes, own: number) => (own === 1 ? 0 : bytes[of])
    const [stepA, stepB, stepBias] = [step("a", countA), step("b", countB), step("bias", countBias)]
    return machine.share({ count, grain: 1, cost: count * rows * columns * depth }, (from, to, workspace) => [
      "gemms",
      to - from,
      stepA,
      stepB,
      bytes.c,
      stepBias,
      rows,
      columns,
      depth,
      first.a + from * stepA,
      aRow,
      aColumn,
      first.b + from * stepB,
      bRow,
      bColumn,
      first.c + from * bytes.c,
      columns * FLOAT,
      first.bias + from * stepBias,
      relu,
      workspace,
    ])
  }
  const [left, right] = [matricesOf(lead, leadOf(a)), matricesOf(lead, leadOf(b))]
  const calls = left.map((_, m) =>
    one(machine, {
      ...first,
      a: first.a + left[m]! * bytes.a,
      b: first.b + right[m]! * bytes.b,
      c: first.c + m * bytes.c,
      bias: first.bias + (countBias === 1 ? 0 : m * bytes.bias),
    }),
  )
  return inOrder(calls)
}

export const batchMatMul: OwnKernel<"a" | "b", Transposed> = {
  kernel: tf.BatchMatMul,
  why: "the stock kernel has a triple loop for transposed operands and batches, and no FMA: 8 to 30 times slower",
  outputs: ({ a, b }, transposed) => {
    const sizes = sizesOf(a, b, transposed)
    return sizes && [float([...sizes.lead, sizes.rows, sizes.columns])]
  },
  bind: (machine, inputs, [out], transposed) => product(machine, inputs, out!, transposed),
}

export const dense: OwnKernel<"x" | "weight" | "bias", { readonly activation: DenseActivation }> = {
  kernel: DenseKernel,
  why: "bias and activation while the numbers are in the cache",
  outputs: ({ x, weight, bias }) => {
    const sizes = sizesOf(x, weight, {})
    if (sizes === undefined || !areFloats(bias)) return undefined
    const shape = [...sizes.lead, sizes.rows, sizes.columns]
    const perMatrix = [...sizes.lead, 1, sizes.columns].join() === bias.shape.join()
    return isBias(bias.shape, shape) || perMatrix ? [float(shape)] : undefined
  },
  bind: (machine, { x, weight, bias }, [out], { activation }) => {
    const sums = product(machine, { a: x, b: weight }, out!, {}, { bias, relu: activation === "relu" })
    if (activation !== "tanh" && activation !== "sigmoid") return sums
    return inOrder([sums, mapped(machine, activation, out!, out!)])
  },
}
