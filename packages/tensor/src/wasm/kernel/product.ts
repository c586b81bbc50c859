/** Products of matrices, whatever is transposed or batched, and dense layers. */
import { isBias } from "../../op/broadcast.ts"
import { type DenseActivation, DenseKernel } from "../../op/dense.ts"
import { tf } from "../../tf.ts"
import type { Machine } from "../machine.ts"
import { areFloats, FLOAT, float, type OwnKernel, type Place, type Shaped, sizeOf } from "../own.ts"

interface Transposed {
  readonly transposeA?: boolean
  readonly transposeB?: boolean
}
type Lead = Array<number>

/** Sizes of a product, and how each operand is strided; nothing for operands that don't fit, which the library refuses. */
const sizesOf = (a: Shaped, b: Shaped, { transposeA = false, transposeB = false }: Transposed) => {
  const [rows, depth] = (transposeA ? a.shape.slice(-2).toReversed() : a.shape.slice(-2)) as [number, number]
  const [inner, columns] = (transposeB ? b.shape.slice(-2).toReversed() : b.shape.slice(-2)) as [number, number]
  if (!areFloats(a, b) || depth !== inner) return undefined
  const lead: Lead = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2))
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
  const { lead, depth, columns } = sizes
  const count = sizeOf(lead)
  const biases = bias === undefined || bias.shape.length < 3 ? 1 : sizeOf(bias.shape.slice(0, -2))
  const shared = sizeOf(b.shape.slice(0, -2)) === 1 && biases === 1 && !transposed.transposeA
  // One right matrix for all: one product, of all their rows.
  const alone = shared && sizeOf(a.shape.slice(0, -2)) === count
  const rows = alone ? sizes.rows * count : sizes.rows
  const [left, right] = [matricesOf(lead, a.shape.slice(0, -2)), matricesOf(lead, b.shape.slice(0, -2))]
  const calls = Array.from({ length: alone ? 1 : count }, (_, m) =>
    machine.call(
      "gemm",
      rows,
      columns,
      depth,
      a.address + left[m]! * rows * depth * FLOAT,
      sizes.aRow,
      sizes.aColumn,
      b.address + right[m]! * depth * columns * FLOAT,
      sizes.bRow,
      sizes.bColumn,
      out.address + m * rows * columns * FLOAT,
      columns * FLOAT,
      bias === undefined ? 0 : bias.address + (biases === 1 ? 0 : m) * columns * FLOAT,
      relu,
      machine.workspace,
    ),
  )
  if (calls.length === 1) return calls[0]!
  return () => {
    for (const call of calls) call()
  }
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
  outputs: ({ x, weight, bias }, { activation }) => {
    const sizes = sizesOf(x, weight, {})
    if (sizes === undefined || !areFloats(bias) || activation === "tanh" || activation === "sigmoid") return undefined
    const shape = [...sizes.lead, sizes.rows, sizes.columns]
    const perMatrix = [...sizes.lead, 1, sizes.columns].join() === bias.shape.join()
    return isBias(bias.shape, shape) || perMatrix ? [float(shape)] : undefined
  },
  bind: (machine, { x, weight, bias }, [out], { activation }) =>
    product(machine, { a: x, b: weight }, out!, {}, { bias, relu: activation === "relu" }),
}
