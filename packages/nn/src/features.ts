/** Inputs of a network: rows of bytes or floats, scaled when a batch is made. */

export interface Features {
  readonly values: Uint8Array | Float32Array
  /** Elements of a row. */
  readonly width: number
  readonly scale: number
}

/** Rows `order` of the features, scaled: `[order.length, width]`, written at `at`. */
export const gatherRows = (features: Features, order: Int32Array, out: Float32Array, at = 0): void => {
  const { values, width, scale } = features
  for (let i = 0; i < order.length; i++) {
    const from = order[i]! * width
    const to = at + i * width
    for (let k = 0; k < width; k++) out[to + k] = values[from + k]! * scale
  }
}
