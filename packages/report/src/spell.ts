/** How values and numbers are written for people. */

/** A number with as many digits as tell something: `0.8481`, `1.2e-9`, `60000`. */
export const digits = (value: number, significant = 5): string => {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "NaN" : value > 0 ? "∞" : "−∞"
  const size = Math.abs(value)
  const text =
    Number.isInteger(value) && size < 1e15
      ? String(value)
      : size >= 1e-4 && size < 1e6
        ? String(Number(value.toPrecision(significant)))
        : Number(value.toPrecision(significant)).toExponential()
  return text.replaceAll("-", "−")
}

/** `1 row`, `20 rows`. */
export const counted = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** `12 ms`, `1.2 s`, `3 min 05 s`. */
export const duration = (milliseconds: number): string => {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 99.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, "0")} s`
}

const inner = (value: unknown): string => {
  if (Array.isArray(value)) return `[${value.map(inner).join(", ")}]`
  if (typeof value !== "object" || value === null) return String(value)
  return `{${Object.entries(value)
    .map(([name, one]) => `${name}: ${inner(one)}`)
    .join(", ")}}`
}

/** A parameter as a document spells it, without the outermost braces: `kd: {divergence: kl}`. */
export const spell = (value: unknown): string => {
  const text = inner(value)
  return typeof value === "object" && value !== null && !Array.isArray(value) && text !== "{}"
    ? text.slice(1, -1)
    : text
}
