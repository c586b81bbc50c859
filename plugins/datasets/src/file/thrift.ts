/**
 * Walks a struct of Thrift's compact protocol before hyparquet reads it: that makes room for a list of any length it is told, and each
 * element takes at least a byte.
 */

import { Data } from "effect"

/** Counts and sizes of a Parquet file that can't be. */
export class ParquetDamaged extends Data.TaggedError("ParquetDamaged")<{ readonly message: string }> {}

/** Deeper than any of Parquet's structs. */
const deepest = 32

/** Checks the struct at `at`. Throws `ParquetDamaged` where it, or a list or text in it, is longer than the bytes. */
export const checkStruct = (bytes: Uint8Array, at: number): void => {
  let next = at
  const damaged = () => new ParquetDamaged({ message: "its metadata are damaged" })
  const byte = (): number => {
    const value = bytes[next++]
    if (value === undefined) throw damaged()
    return value
  }
  /** An unsigned number in groups of seven bits; no length has more than five. */
  const number = (): number => {
    let value = 0
    for (let shift = 0; ; shift += 7) {
      const group = byte()
      value += (group & 0x7f) * 2 ** shift
      if (group < 0x80) return value
      if (shift > 63) throw damaged()
    }
  }
  const skip = (count: number): void => {
    if (count > bytes.length - next) throw damaged()
    next += count
  }
  const element = (type: number, depth: number): void => {
    if (depth > deepest) throw damaged()
    if (type === 3) skip(1)
    else if (type >= 4 && type <= 6) number()
    else if (type === 7) skip(8)
    else if (type === 8) skip(number())
    else if (type === 9) {
      const head = byte()
      const size = head >> 4 === 15 ? number() : head >> 4
      if (size > bytes.length - next) throw damaged()
      const item = head & 15
      for (let i = 0; i < size; i++) element(item === 1 || item === 2 ? 3 : item, depth + 1)
    } else if (type === 12) struct(depth + 1)
    else if (type !== 1 && type !== 2) throw damaged()
  }
  const struct = (depth: number): void => {
    for (let head = byte(); (head & 15) !== 0; head = byte()) {
      if (head >> 4 === 0) number()
      element(head & 15, depth)
    }
  }
  struct(0)
}
