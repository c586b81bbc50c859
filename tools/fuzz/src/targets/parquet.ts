/** Parquet, by all codecs and encodings that relent reads. */
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { damaged, type Damage, extremes, pick } from "../bytes.ts"
import type { Target } from "../target.ts"
import { throughStage } from "./file.ts"

const fixtures = join(import.meta.dirname, "../../fixtures")
const small = readFileSync(join(import.meta.dirname, "../../../../plugins/datasets/test/fixtures/small.parquet"))
const bases = [
  small,
  ...readdirSync(fixtures)
    .filter((name) => name.endsWith(".parquet"))
    .toSorted()
    .map((name) => readFileSync(join(fixtures, name))),
]

/** A byte of the metadata at the end: Thrift packs its numbers into them, most into one. */
const footer: Damage = (bytes, draws) => {
  const length = bytes.length < 12 ? 0 : Math.min(bytes.length - 12, Math.max(1, bytes.readUInt32LE(bytes.length - 8)))
  if (length <= 0) return bytes
  const at = bytes.length - 8 - length + draws.integer(length)
  const small = [
    bytes[at]! + 1,
    bytes[at]! - 1,
    bytes[at]! ^ (1 << draws.integer(8)),
    0,
    0x7f,
    0xff,
    2 * draws.integer(20),
  ]
  bytes[at] = pick(small, draws)
  return bytes
}

const numbers = [
  [0xff, 0xff, 0xff, 0xff, 0x0f],
  [0xfe, 0xff, 0xff, 0xff, 0x07],
  [0x80, 0x80, 0x80, 0x80, 0x08],
  [0xff, 0x7f],
  [0x80, 0x80, 0x80, 0x80, 0x80, 0x01],
]

/** A number of several bytes where one of one was: those behind it move, and the footer's length is said right. */
const long: Damage = (bytes, draws) => {
  const length = bytes.length < 12 ? 0 : bytes.readUInt32LE(bytes.length - 8)
  if (length === 0 || length > bytes.length - 12) return bytes
  const at = bytes.length - 8 - length + draws.integer(length)
  const number = pick(numbers, draws)
  const whole = Buffer.concat([bytes.subarray(0, at), Buffer.from(number), bytes.subarray(at + 1)])
  whole.writeUInt32LE(length + number.length - 1, whole.length - 8)
  return whole
}

/** A number of several bytes over others: the length of a run, where a page isn't packed. */
const over: Damage = (bytes, draws) => {
  bytes.set(pick(numbers, draws), draws.integer(Math.max(1, bytes.length - 6)))
  return bytes
}

/** The header of a page is at its front. */
const page: Damage = (bytes, draws) => {
  const at = draws.integer(Math.max(1, bytes.length - 8))
  bytes[at] = draws.integer(3) === 0 ? pick(extremes, draws) & 255 : draws.integer(256)
  return bytes
}

export const parquet: Target = {
  make: (draws) => {
    const base = pick(bases, draws)
    const ways = [footer, long, over, page]
    return draws.integer(3) === 0 ? damaged(base, draws, bases) : damaged(base, draws, bases, ways)
  },
  read: (bytes) => Effect.runPromise(Effect.map(throughStage("a.parquet", bytes), (parquet) => ({ parquet }))),
}
