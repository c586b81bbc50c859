/** Rows of numbers in float64, for what is computed of each. */
export type Row = ReadonlyArray<number>

/** Half the distance from 1 to the next float32. */
export const ulp = 2 ** -24

export const total = (x: Row): number => x.reduce((sum, v) => sum + v, 0)

export const chunks = (x: Float32Array, rows: number, length: number): ReadonlyArray<Row> =>
  Array.from({ length: rows }, (_, r) => [...x.subarray(r * length, (r + 1) * length)])
