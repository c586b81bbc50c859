/** Damages that know where the numbers of an Arrow file lie. */
import type { Draws } from "@relent/random"
import { type Damage, damages, extremes, pick } from "../bytes.ts"
import { type Place, type Places, placesOf } from "./places.ts"

export interface Base {
  readonly bytes: Buffer
  readonly places: Places
}

export const baseOf = (bytes: Uint8Array): Base => ({ bytes: Buffer.from(bytes), places: placesOf(bytes) })

const read = (bytes: Buffer, { at, size }: Place): bigint =>
  size === 8 ? bytes.readBigInt64LE(at) : BigInt(size === 1 ? bytes.readInt8(at) : bytes.readIntLE(at, size))

const write = (bytes: Buffer, { at, size }: Place, value: bigint): void => {
  const wrapped = BigInt.asIntN(size * 8, value)
  if (size === 8) bytes.writeBigInt64LE(wrapped, at)
  else bytes.writeIntLE(Number(wrapped), at, size)
}

/** Another number for a place: its neighbours, what goes wrong elsewhere, that of a place like it. */
const another = (bytes: Buffer, place: Place, alike: ReadonlyArray<Place>, draws: Draws): bigint => {
  const { integer } = draws
  const now = read(bytes, place)
  switch (integer(8)) {
    case 0:
      return BigInt(pick(extremes, draws))
    case 1:
      return now + 1n
    case 2:
      return now - 1n
    case 3:
      return now + BigInt((integer(9) - 4) * 8)
    case 4:
      return BigInt(integer(30))
    case 5:
      return (BigInt(integer(2 ** 32)) << 32n) | BigInt(integer(2 ** 32))
    case 6:
      return read(bytes, pick(alike, draws))
    default:
      return now ^ (1n << BigInt(integer(place.size * 8)))
  }
}

/** Each kind is as likely as any other, however few places it has. */
const number = (bytes: Buffer, { byKind }: Places, draws: Draws): void => {
  const kinds = [...byKind.values()]
  const alike = pick(kinds, draws)
  const place = pick(alike, draws)
  if (draws.integer(6) > 0) return write(bytes, place, another(bytes, place, alike, draws))
  const other = pick(alike, draws)
  const [a, b] = [read(bytes, place), read(bytes, other)]
  write(bytes, place, b)
  write(bytes, other, a)
}

/** Another number of rows, said everywhere alike. */
const rows = (bytes: Buffer, { segments }: Places, draws: Draws): void => {
  const { lengths } = pick(
    segments.filter((segment) => segment.lengths.length > 0),
    draws,
  )
  const place = (at: number): Place => ({ at, size: 8, kind: "rows" })
  const value = another(bytes, place(lengths[0]!), lengths.map(place), draws)
  for (const at of lengths) write(bytes, place(at), value)
}

const cutAt = (bytes: Buffer, { segments }: Places, others: ReadonlyArray<Base>, draws: Draws): Buffer => {
  const { integer } = draws
  const parts = segments.map(({ start, end }) => bytes.subarray(start, end))
  const other = pick(others, draws)
  const part = pick(
    other.places.segments.map(({ start, end }) => other.bytes.subarray(start, end)),
    draws,
  )
  const i = integer(parts.length)
  const j = integer(parts.length)
  const middle = (from: number) => parts.slice(from)
  switch (integer(6)) {
    case 0: // Ends at a message, or a few bytes beside.
      return bytes.subarray(0, Math.max(0, segments[i]!.end + (integer(3) === 0 ? integer(17) - 8 : 0)))
    case 1: // Lacks one.
      return Buffer.concat([...parts.slice(0, i), ...middle(i + 1)])
    case 2: // Has one twice.
      return Buffer.concat([...parts.slice(0, i + 1), ...middle(i)])
    case 3: // Two changed places.
      return Buffer.concat(parts.map((one, k) => (k === i ? parts[j]! : k === j ? parts[i]! : one)))
    case 4: // One of another file between.
      return Buffer.concat([...parts.slice(0, i), part, ...middle(i)])
    default: {
      // Goes on as another file, from one of its messages.
      const from = pick(other.places.segments, draws).start
      return Buffer.concat([...parts.slice(0, i), other.bytes.subarray(from)])
    }
  }
}

/** A damaged file or stream: numbers in place, then perhaps one damage that moves bytes. */
export const damagedArrow = (bases: ReadonlyArray<Base>, draws: Draws): Uint8Array => {
  const { integer } = draws
  const base = pick(bases, draws)
  const bytes = Buffer.from(base.bytes)
  const others = bases.map((one) => one.bytes)
  const plain = () => pick<Damage>(damages, draws)(bytes, draws, others)
  const way = integer(10)
  if (way === 9) return plain()
  if (way < 7)
    for (let times = integer(4) === 0 ? integer(4) : 0; times >= 0; times--)
      if (integer(8) === 0) rows(bytes, base.places, draws)
      else number(bytes, base.places, draws)
  if (way < 6) return bytes
  return integer(4) === 0 ? plain() : cutAt(bytes, base.places, bases, draws)
}
