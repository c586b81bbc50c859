/** Values as JSON that both languages write alike: what JSON can't hold is a text with its kind in front. */

/** A number, or `f:nan`, `f:inf`, `f:-0`; `i:12` for a 64-bit integer, `b:00ff` for bytes, `s:...` for a text. */
export const encode = (value: unknown): unknown => {
  if (typeof value === "number") {
    if (Number.isNaN(value)) return "f:nan"
    if (!Number.isFinite(value)) return value > 0 ? "f:inf" : "f:-inf"
    return Object.is(value, -0) ? "f:-0" : value
  }
  if (typeof value === "bigint") return `i:${value}`
  if (typeof value === "string") return `s:${value}`
  return Array.isArray(value) ? value.map(encode) : value
}

/** A cell of a view: bytes of a `binary` column are one value, elements of tensors and lists are many. */
export const encodeCell = (kind: string, value: unknown): unknown => {
  if (value === null) return null
  if (kind === "binary") return `b:${Buffer.from(value as Uint8Array).toString("hex")}`
  return encode(ArrayBuffer.isView(value) ? Array.from(value as Float32Array) : value)
}
