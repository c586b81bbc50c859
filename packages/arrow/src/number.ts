/** Numbers into typed arrays: adopted when they have the type already, else checked and converted, never cut. */
import { type Buffers, type Dtype, typedArrays } from "./column.ts"

/** A value that a column can't hold, in words. */
export class Unfit {
  readonly reason: string
  constructor(reason: string) {
    this.reason = reason
  }
  /** Of row `row`; texts are quoted. */
  static at(row: number, value: unknown): Unfit {
    return new Unfit(`row ${row} is ${typeof value === "string" ? JSON.stringify(value) : String(value)}`)
  }
}

const fits: { readonly [D in Dtype]: (value: number) => boolean } = {
  uint8: (v) => Number.isInteger(v) && v >= 0 && v <= 255,
  int32: (v) => Number.isInteger(v) && v >= -(2 ** 31) && v < 2 ** 31,
  // Rounding to the nearest float32 is what float32 means; a finite number that becomes infinite is lost.
  float32: (v) => !Number.isFinite(v) || Number.isFinite(Math.fround(v)),
  float64: () => true,
}

/** Zeros of a dtype. */
export const zeros = <D extends Dtype>(dtype: D, length: number): Buffers[D] =>
  new typedArrays[dtype](length) as unknown as Buffers[D]

/** Writes numbers into a typed array from `start` on; every row has `size` of them. Throws `Unfit`. */
export const write = (
  dtype: Dtype,
  into: Buffers[Dtype],
  start: number,
  values: ArrayLike<unknown>,
  row: number,
  size = 1,
): void => {
  if (values instanceof typedArrays[dtype]) {
    into.set(values, start)
    return
  }
  const fit = fits[dtype]
  for (let i = 0; i < values.length; i++) {
    const value = values[i]
    if (typeof value !== "number" || !fit(value)) throw Unfit.at(row + Math.floor(i / size), value)
    into[start + i] = value
  }
}

/** The numbers as a typed array: the same one, not a copy, if it has the type. Throws `Unfit`. */
export const numbers = (dtype: Dtype, values: ArrayLike<unknown>, size = 1): Buffers[Dtype] => {
  if (values instanceof typedArrays[dtype]) return values
  const array = zeros(dtype, values.length)
  write(dtype, array, 0, values, 0, size)
  return array
}
