/**
 * Reads damaged files, in a process of its own: a read that hangs can only be ended from outside.
 * `node fuzz.ts SEED COUNT` prints what came out, and fails with the number of the first case that isn't a typed error.
 */
import { rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect, Exit } from "effect"
import { digestOf, encodeTable, readTable, TableMismatch, TableUnreadable, view } from "../src/index.ts"
import { all, foreign, folder } from "./tables.ts"

const [seed, count] = process.argv.slice(2).map(Number) as [number, number]

/** mulberry32: enough to choose places. */
const generator = (start: number) => {
  let state = start
  return (below: number) => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 2 ** 32) * below)
  }
}

const extremes = [-1, 0, 1, 7, 0x7fffffff, -0x80000000, 0x7ffffff0, 0x10000, 1 << 30]
type Random = ReturnType<typeof generator>
const damages: ReadonlyArray<(bytes: Buffer, random: Random) => Buffer> = [
  (bytes, random) => {
    for (let i = random(8); i >= 0; i--) bytes[random(bytes.length)]! ^= 1 << random(8)
    return bytes
  },
  (bytes, random) => {
    bytes.writeInt32LE(extremes[random(extremes.length)]!, random(bytes.length >> 2) * 4)
    return bytes
  },
  // Footers are at the end, messages in front: most that can go wrong does so there.
  (bytes, random) => {
    const end = Math.min(bytes.length, 1500)
    bytes.writeInt32LE(extremes[random(extremes.length)]!, bytes.length - 4 - random((end >> 2) - 1) * 4)
    return bytes
  },
  (bytes, random) => {
    bytes.writeInt32LE(random(2 ** 31), random(Math.min(bytes.length, 2500) >> 2) * 4)
    return bytes
  },
  (bytes, random) => bytes.subarray(0, random(bytes.length)),
  (bytes, random) => {
    const from = random(bytes.length)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(from + random(64))])
  },
  (bytes, random) => {
    const from = random(bytes.length)
    return Buffer.concat([bytes.subarray(0, from), bytes.subarray(random(from + 1), from), bytes.subarray(from)])
  },
  (bytes, random) => {
    const from = random(bytes.length)
    return bytes.fill(random(2) * 255, from, Math.min(bytes.length, from + random(256)))
  },
]

const canonical = Buffer.concat([...encodeTable(all.arrow)])
const digest = digestOf(all.arrow)
const bases = [canonical, foreign("file"), foreign("stream"), foreign("file", "zstd")].map((bytes) =>
  Buffer.from(bytes),
)
const here = folder()
const path = join(here, "damaged.arrow")
const outcomes: Record<string, number> = {}

for (let i = 0; i < count; i++) {
  const random = generator(seed * 1_000_003 + i)
  const base = bases[i % bases.length]!
  let bytes: Buffer = Buffer.from(base)
  for (let times = random(3); times >= 0; times--)
    if (bytes.length > 8) bytes = Buffer.from(damages[random(damages.length)]!(bytes, random))
  writeFileSync(path, bytes)
  const known = base === bases[0] && random(3) === 0
  const exit = await Effect.runPromiseExit(
    readTable(path, known ? { digest } : {}).pipe(
      // What was read must be fit for use: its views, its rows, its digest.
      Effect.tap((table) => Effect.sync(() => [...view(table).rows])),
      Effect.flatMap((table) => TableMismatch.attempt(() => digestOf(table))),
      Effect.map((found) => (found === digest ? "same" : known ? "undetected" : "read")),
      Effect.catch((error) => Effect.succeed(error instanceof TableUnreadable ? "unreadable" : "mismatch")),
    ),
  )
  if (Exit.isFailure(exit)) {
    console.error(`case ${i} of seed ${seed}`, exit.cause)
    process.exit(1)
  }
  outcomes[exit.value] = (outcomes[exit.value] ?? 0) + 1
}
rmSync(here, { recursive: true })
console.log(JSON.stringify(outcomes))
