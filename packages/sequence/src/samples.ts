/** Sequences that a policy gave, or is asked about. */
import { NotADistribution } from "@relent/divergence"

/** Rows of tokens, padded to one length. A tabular policy's answers are sequences of one token. */
export interface Samples {
  /** The context of each row. */
  readonly contexts: Int32Array
  /** Tokens a row. */
  readonly length: number
  /** `[rows, length]`, row-major; what lies behind the end of a row counts nothing. */
  readonly tokens: Int32Array
  /** How many tokens of each row count, its end token included: 1 … length. */
  readonly lengths: Int32Array
}

/** Sequences of one length `[rows, length]`, all of the same context. */
export const samplesOf = (tokens: Int32Array, length: number, context = 0): Samples => {
  const rows = tokens.length / length
  return {
    contexts: new Int32Array(rows).fill(context),
    length,
    tokens,
    lengths: new Int32Array(rows).fill(length),
  }
}

/** Sequences of several lengths, padded with zeros. Throws `NotADistribution` for one without tokens. */
export const padded = (contexts: ArrayLike<number>, rows: ReadonlyArray<ArrayLike<number>>): Samples => {
  const empty = rows.findIndex((row) => row.length === 0)
  if (empty >= 0) throw new NotADistribution({ argument: `sequence ${empty}`, reason: "it has no tokens" })
  const length = rows.reduce((most, row) => Math.max(most, row.length), 0)
  const tokens = new Int32Array(rows.length * length)
  rows.forEach((row, i) => tokens.set(row, i * length))
  return { contexts: Int32Array.from(contexts), length, tokens, lengths: Int32Array.from(rows, (row) => row.length) }
}

/** Rows of `samples`, in this order. */
export const pick = ({ contexts, length, tokens, lengths }: Samples, rows: ArrayLike<number>): Samples => {
  const out = new Int32Array(rows.length * length)
  for (let i = 0; i < rows.length; i++)
    for (let t = 0; t < length; t++) out[i * length + t] = tokens[rows[i]! * length + t]!
  return {
    contexts: Int32Array.from(rows, (row) => contexts[row]!),
    length,
    tokens: out,
    lengths: Int32Array.from(rows, (row) => lengths[row]!),
  }
}

/** Some samples, then others, padded to the longer length. */
export const concat = (...parts: ReadonlyArray<Samples>): Samples => {
  const length = parts.reduce((most, part) => Math.max(most, part.length), 0)
  const rows = parts.reduce((sum, part) => sum + part.contexts.length, 0)
  const out = {
    contexts: new Int32Array(rows),
    length,
    tokens: new Int32Array(rows * length),
    lengths: new Int32Array(rows),
  }
  let at = 0
  for (const part of parts) {
    out.contexts.set(part.contexts, at)
    out.lengths.set(part.lengths, at)
    for (let i = 0; i < part.contexts.length; i++)
      out.tokens.set(part.tokens.subarray(i * part.length, (i + 1) * part.length), (at + i) * length)
    at += part.contexts.length
  }
  return out
}

/** The sum of each row's tokens that count, of values `[rows, length]`. */
export const rowSums = ({ length, lengths }: Samples, values: Float64Array): Float64Array => {
  const sums = new Float64Array(lengths.length)
  for (let row = 0; row < sums.length; row++)
    for (let at = row * length; at < row * length + lengths[row]!; at++) sums[row]! += values[at]!
  return sums
}

/** A number a row as one a token `[rows, length]`, 0 for tokens that don't count. */
export const overTokens = ({ length, lengths }: Samples, values: Float64Array): Float64Array => {
  const out = new Float64Array(lengths.length * length)
  lengths.forEach((n, row) => out.fill(values[row]!, row * length, row * length + n))
  return out
}
