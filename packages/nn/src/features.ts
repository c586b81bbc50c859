/** Inputs of a network: rows of bytes or floats, scaled when a batch is made. */
import { type TensorValue, tensorValue } from "@relent/arrow"
import type { Batch } from "./batch.ts"

/** What a network was trained on, so that it can be used on the same. */
export interface Input {
  readonly dtype: "uint8" | "float32"
  /** Inputs are multiplied by it: 1/255 for images of bytes. */
  readonly scale: number
}

export interface Features {
  readonly values: Uint8Array | Float32Array
  /** Elements of a row. */
  readonly width: number
  readonly scale: number
}

export const inputOf = ({ values, scale }: Features): Input => ({
  dtype: values instanceof Uint8Array ? "uint8" : "float32",
  scale,
})

/** Rows of the features, scaled: `[rows.length, width]`, row-major. */
export const gatherRows = ({ values, width, scale }: Features, rows: Int32Array): Float32Array => {
  const out = new Float32Array(rows.length * width)
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i]! * width
    const to = i * width
    if (scale === 1) out.set(values.subarray(from, from + width), to)
    else for (let k = 0; k < width; k++) out[to + k] = values[from + k]! * scale
  }
  return out
}

/** The inputs of a batch, `[members, size, width]`. */
export const inputsOf = (features: Features, { members, size, rows }: Batch): TensorValue =>
  tensorValue("float32", gatherRows(features, rows), [members, size, features.width])

/** The same for labels `[examples]`: one-hot rows `[members, size, classes]`. */
export const oneHotOf = (labels: Int32Array, classes: number, { members, size, rows }: Batch): TensorValue => {
  const out = new Float32Array(rows.length * classes)
  rows.forEach((row, i) => (out[i * classes + labels[row]!] = 1))
  return tensorValue("float32", out, [members, size, classes])
}
