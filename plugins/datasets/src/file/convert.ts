/** Values of files as values of columns: nothing is cut, rounded to an integer, or guessed. */
import { type Column, type Dtype, product, typedArrays } from "@relent/arrow"

/** What a value becomes that a column can't hold. */
export const unfit = Symbol("unfit")
type Read = (value: unknown) => unknown

const integer = /^[+-]?\d+$/
// One way to read each digit: with two, a text of 50,000 of them took half a minute.
const number = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?$/
const special = new Map(
  Object.entries({ nan: Number.NaN, inf: Infinity, "+inf": Infinity, "-inf": -Infinity }).flatMap(([word, value]) => [
    [word, value] as const,
    [word.replace("inf", "infinity"), value] as const,
  ]),
)
const truth = new Map(Object.entries({ true: true, false: false, "1": true, "0": false }))

const toNumber: Read = (value) => {
  if (typeof value === "number") return value
  if (typeof value === "bigint") return BigInt(Number(value)) === value ? Number(value) : unfit
  if (typeof value !== "string") return unfit
  const text = value.trim()
  return number.test(text) ? Number(text) : (special.get(text.toLowerCase()) ?? unfit)
}

/** Whole numbers within a type; `3.0` is one. */
const whole =
  (least: number, most: number): Read =>
  (value) => {
    const found = toNumber(value)
    return typeof found === "number" && Number.isInteger(found) && found >= least && found <= most ? found : unfit
  }

const toBigInt: Read = (value) => {
  const text = typeof value === "string" ? value.trim() : ""
  const found =
    typeof value === "bigint"
      ? value
      : Number.isSafeInteger(value) || integer.test(text)
        ? BigInt(value as number)
        : unfit
  return found === unfit || BigInt.asIntN(64, found) !== found ? unfit : found
}

const scalars: { readonly [kind: string]: Read } = {
  bool: (value) => {
    if (typeof value === "boolean") return value
    const word = typeof value === "number" ? `${value}` : typeof value === "string" ? value.trim().toLowerCase() : ""
    return truth.get(word) ?? unfit
  },
  uint8: whole(0, 255),
  int32: whole(-(2 ** 31), 2 ** 31 - 1),
  int64: toBigInt,
  float32: (value) => {
    const found = toNumber(value)
    return typeof found === "number" && Number.isFinite(found) && !Number.isFinite(Math.fround(found)) ? unfit : found
  },
  float64: toNumber,
  utf8: (value) => (typeof value === "string" && value.isWellFormed() ? value : unfit),
  binary: (value) => (value instanceof Uint8Array ? value : unfit),
}

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** An array of any kind as one that can be looked into. */
const nested = (value: unknown): unknown => {
  if (typeof value === "string") return parsed(value)
  if (typeof value !== "object" || value === null || ArrayBuffer.isView(value) || Array.isArray(value)) return value
  return Symbol.iterator in value ? [...(value as Iterable<unknown>)] : undefined
}

/** A list, or the elements of a tensor in any nesting; a text holds it as JSON. */
const toList =
  (item: Read, size: number | undefined): Read =>
  (value) => {
    const found = nested(value)
    if (!Array.isArray(found) && !ArrayBuffer.isView(found)) return unfit
    const flat = size === undefined ? found : Array.isArray(found) ? found.flat(Infinity) : found
    const all = Array.from(flat as ArrayLike<unknown>, (one) => item(one))
    return all.includes(unfit) || (size !== undefined && all.length !== size) ? unfit : all
  }

/** Reads one value, which isn't null, as one of the column. */
export const reader = ({ kind, item, dtype, shape }: Column): Read =>
  kind === "list"
    ? toList(scalars[item!]!, undefined)
    : kind === "tensor"
      ? toList(scalars[dtype!]!, product(shape!))
      : scalars[kind]!

/** Whether the values are the column's own typed array, which is taken as it is. */
export const isReady = ({ kind, dtype, nullable }: Column, values: ArrayLike<unknown>): boolean =>
  !nullable &&
  (kind === "int64"
    ? values instanceof BigInt64Array
    : (dtype ?? kind) in typedArrays && values instanceof typedArrays[(dtype ?? kind) as Dtype])
