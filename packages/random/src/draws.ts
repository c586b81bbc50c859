/** Draws from one counter-based stream: bulk and single draws are the same numbers in the same order. */
import { hash } from "node:crypto"
import { Data } from "effect"
import { philox } from "./philox.ts"

/** An argument that no distribution has. */
export class DrawInvalid extends Data.TaggedError("DrawInvalid")<{ readonly message: string }> {}

export interface Draws {
  /** Uniform in [0, 1), a multiple of 2^-53. */
  readonly uniform: () => number
  /** Standard normal, by the Box–Muller transform. */
  readonly normal: () => number
  /** Uniform in 0 … below-1, without modulo bias. `below` is at most 2^32. */
  readonly integer: (below: number) => number
  /** An index with these probabilities (or weights): `[0.2, 0.8]` gives 1 four times out of five. */
  readonly categorical: (weights: ArrayLike<number>) => number
  /** A uniformly random order of 0 … n-1, by Fisher–Yates. */
  readonly permutation: (n: number) => Int32Array
  readonly uniforms: (n: number) => Float64Array
  readonly normals: (n: number) => Float32Array
}

/** Draws for a purpose: `random("batch", step)`. Other purposes, and other counters, are independent. */
export type Source = (purpose: string, ...counters: ReadonlyArray<number>) => Draws

const mostBlocks = 64

/** Words of one stream: the counter's low half counts blocks. */
const words = (key: Uint32Array) => {
  const counter = new Uint32Array(4)
  counter[2] = key[2]!
  counter[3] = key[3]!
  // Small at first, since many streams give a handful of draws.
  let blocks = 1
  let buffer = new Uint32Array(4)
  let next = buffer.length
  const refill = () => {
    if (buffer.length !== blocks * 4) buffer = new Uint32Array(blocks * 4)
    for (let block = 0; block < blocks; block++) {
      philox(counter, key[0]!, key[1]!, buffer, block * 4)
      counter[0] = counter[0]! + 1
      if (counter[0] === 0) counter[1] = counter[1]! + 1
    }
    blocks = Math.min(mostBlocks, blocks * 2)
    next = 0
  }
  return () => {
    if (next === buffer.length) refill()
    return buffer[next++]!
  }
}

const makeDraws = (key: Uint32Array): Draws => {
  const word = words(key)
  const uniform = () => ((word() >>> 5) * 0x4000000 + (word() >>> 6)) / 2 ** 53
  let spare: number | undefined
  const normal = () => {
    if (spare !== undefined) {
      const value = spare
      spare = undefined
      return value
    }
    const radius = Math.sqrt(-2 * Math.log(1 - uniform())) // 1 - u is never 0
    const angle = 2 * Math.PI * uniform()
    spare = radius * Math.sin(angle)
    return radius * Math.cos(angle)
  }
  const integer = (below: number) => {
    if (!Number.isInteger(below) || below < 1 || below > 2 ** 32)
      throw new DrawInvalid({ message: `integers are drawn below a whole number in [1, 2^32], not ${below}` })
    const limit = 2 ** 32 - (2 ** 32 % below) // words above it would favour small numbers
    for (;;) {
      const w = word()
      if (w < limit) return w % below
    }
  }
  const categorical = (weights: ArrayLike<number>) => {
    let total = 0
    let last = -1
    for (let i = 0; i < weights.length; i++) {
      const w = weights[i]!
      if (!(w >= 0) || w === Infinity)
        throw new DrawInvalid({ message: `weight ${i} is ${w}; weights are finite and not negative` })
      total += w
      if (w > 0) last = i
    }
    if (last < 0) throw new DrawInvalid({ message: "no weight is positive" })
    let left = uniform() * total
    for (let i = 0; i < last; i++) {
      left -= weights[i]!
      if (left < 0) return i
    }
    return last
  }
  const permutation = (n: number) => {
    const order = Int32Array.from({ length: n }, (_, i) => i)
    for (let i = n - 1; i > 0; i--) {
      const j = integer(i + 1)
      const swapped = order[i]!
      order[i] = order[j]!
      order[j] = swapped
    }
    return order
  }
  return {
    uniform,
    normal,
    integer,
    categorical,
    permutation,
    uniforms: (n) => Float64Array.from({ length: n }, uniform),
    normals: (n) => {
      const out = new Float32Array(n)
      for (let i = 0; i < n; i++) out[i] = normal()
      return out
    },
  }
}

/**
 * The draws of a stage: Philox keyed by SHA-256 of (seed, stream, purpose, counters), so that no draw depends on another
 * having been made, and a draw asked for twice is the same.
 *
 * ```ts example
 * import { source } from "@relent/random"
 * const random = source({ seed: 1, stream: "student" })
 * random("batch", 3).integer(10) === random("batch", 3).integer(10) // => true
 * ```
 */
export const source =
  (key: { readonly seed: number; readonly stream: string }): Source =>
  (purpose, ...counters) => {
    const text = JSON.stringify([key.seed, key.stream, purpose, ...counters])
    const bytes = hash("sha256", text, "binary") // a character each: four times as fast as a buffer
    const word = (at: number) =>
      bytes.charCodeAt(at) +
      (bytes.charCodeAt(at + 1) << 8) +
      (bytes.charCodeAt(at + 2) << 16) +
      (bytes.charCodeAt(at + 3) << 24)
    return makeDraws(Uint32Array.of(word(0), word(4), word(8), word(12)))
  }
