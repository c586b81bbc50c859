/** Damages that any file can take. */
import type { Draws } from "@relent/random"

/** May change the bytes it is given. `others` are files of the same kind, to splice with. */
export type Damage = (bytes: Buffer, draws: Draws, others: ReadonlyArray<Buffer>) => Buffer

export const pick = <T>(from: ReadonlyArray<T>, { integer }: Draws): T => from[integer(from.length)]!

/** Lengths and offsets that go wrong. */
export const extremes = [-1, 0, 1, 7, 0x7fffffff, -0x80000000, 0x7ffffff0, 0x10000, 1 << 30]

const flip: Damage = (bytes, draws) => {
  for (let times = draws.integer(8); times >= 0; times--) bytes[draws.integer(bytes.length)]! ^= 1 << draws.integer(8)
  return bytes
}

const word: Damage = (bytes, draws) => {
  if (bytes.length >= 4)
    bytes.writeInt32LE(
      draws.integer(4) === 0 ? draws.integer(2 ** 31) : pick(extremes, draws),
      draws.integer(bytes.length >> 2) * 4,
    )
  return bytes
}

const cut: Damage = (bytes, { integer }) => bytes.subarray(0, integer(bytes.length))

const drop: Damage = (bytes, { integer }) => {
  const from = integer(bytes.length)
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + integer(64))])
}

const repeat: Damage = (bytes, { integer }) => {
  const from = integer(bytes.length)
  return Buffer.concat([bytes.subarray(0, from), bytes.subarray(integer(from + 1), from), bytes.subarray(from)])
}

const fill: Damage = (bytes, { integer }) => {
  const from = integer(bytes.length)
  return bytes.fill(integer(2) * 255, from, Math.min(bytes.length, from + integer(256)))
}

/** The front of one and the end of another, cut at unrelated places. */
const splice: Damage = (bytes, draws, others) => {
  const other = pick(others, draws)
  return Buffer.concat([bytes.subarray(0, draws.integer(bytes.length)), other.subarray(draws.integer(other.length))])
}

export const damages: ReadonlyArray<Damage> = [flip, flip, word, cut, drop, repeat, fill, splice]

/** One to three of these damages, one after the other; nothing is left to damage below eight bytes. */
export const damaged = (
  base: Uint8Array,
  draws: Draws,
  others: ReadonlyArray<Buffer>,
  ways: ReadonlyArray<Damage> = damages,
): Buffer => {
  let bytes: Buffer = Buffer.from(base)
  for (let times = draws.integer(3); times >= 0; times--)
    if (bytes.length > 8) bytes = Buffer.from(pick(ways, draws)(bytes, draws, others))
  return bytes
}
