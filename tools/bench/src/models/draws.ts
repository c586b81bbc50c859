/** Numbers that look random and that Python makes as well, bit for bit (`python/draws.py`). */
import { type Parameters, tensorValue, type TensorValue } from "@relent/arrow"
import { source } from "@relent/random"

/** What a model's own starting weights are drawn from, before others take their place. */
export const unused = source({ seed: 1, stream: "bench" })

/** The finaliser of MurmurHash3: 32 bits that look independent for each `i` and `seed`. */
const hash = (seed: number, i: number): number => {
  let h = (Math.imul(seed, 0x9e3779b1) + i) >>> 0
  h = Math.imul(h ^ (h >>> 16), 0x85ebca6b)
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35)
  return (h ^ (h >>> 16)) >>> 0
}

const sizeOf = (shape: ReadonlyArray<number>) => shape.reduce((product, n) => product * n, 1)

/** Float32 in `[0, 1)`. */
export const uniform = (seed: number, shape: ReadonlyArray<number>): TensorValue =>
  tensorValue(
    "float32",
    Float32Array.from({ length: sizeOf(shape) }, (_, i) => (hash(seed, i) >>> 8) / 2 ** 24),
    shape,
  )

/** Float32 with mean 0 and this standard deviation, uniform. */
export const spread = (seed: number, deviation: number, shape: ReadonlyArray<number>): TensorValue => {
  const { values } = uniform(seed, shape)
  const scale = Math.fround(Math.sqrt(3) * deviation)
  return tensorValue(
    "float32",
    (values as Float32Array).map((u) => (2 * u - 1) * scale),
    shape,
  )
}

/** Int32 in `[0, below)`. */
export const integers = (seed: number, below: number, shape: ReadonlyArray<number>): TensorValue =>
  tensorValue(
    "int32",
    Int32Array.from({ length: sizeOf(shape) }, (_, i) => (hash(seed, i) >>> 8) % below),
    shape,
  )

export const zeros = (shape: ReadonlyArray<number>): TensorValue =>
  tensorValue("float32", new Float32Array(sizeOf(shape)), shape)

/**
 * Starting weights in place of those of a model: biases and offsets are 0, scales 1, and the k-th tensor else is drawn with seed k and the
 * deviation sqrt(2 / inputs of an output).
 */
export const redrawn = (weights: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(weights).map(([path, { shape }], k) => {
      const name = path.split("/").at(-1)!
      if (name === "bias" || name === "offset") return [path, zeros(shape)]
      if (name === "scale") return [path, tensorValue("float32", new Float32Array(sizeOf(shape)).fill(1), shape)]
      return [path, spread(k, Math.sqrt((2 * shape.at(-1)!) / sizeOf(shape)), shape)]
    }),
  )
