/** Arrow files and streams: read as a file, and as the stream behind a file's magic; whole and by batch. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { digestOf, encodeTable, openTable, readTable, type TableFile, TableMismatch, view } from "@relent/arrow"
import { Effect, Stream } from "effect"
import { all, foreign } from "../../../../packages/arrow/test/tables.ts"
import { baseOf, damagedArrow } from "../arrow/damage.ts"
import { print } from "../arrow/print.ts"
import type { Reading, Target } from "../target.ts"

const folder = mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "relent-fuzz-"))
process.on("exit", () => rmSync(folder, { recursive: true, force: true }))

const canonical = Buffer.concat([...encodeTable(all.arrow)])
const digest = digestOf(all.arrow)
/** Written by pyarrow: what Arrow's JavaScript can't write. */
const fixtures = join(import.meta.dirname, "../../fixtures")
const theirs = existsSync(fixtures)
  ? readdirSync(fixtures)
      .filter((name) => name.endsWith(".arrow"))
      .toSorted()
      .map((name) => readFileSync(join(fixtures, name)))
  : []
export const bases = [canonical, foreign("file"), foreign("stream"), foreign("file", "zstd"), ...theirs].map(baseOf)

/** No more rows than this are looked at: columns without buffers can claim any number. */
const most = 100_000

/** What was read is fit for use, whichever way it was read. */
const use = (file: TableFile) =>
  Effect.gen(function* () {
    const table = yield* file.table
    const text = print(table)
    const pieces = yield* Stream.runCollect(file.batches)
    const inTurn = pieces.reduce((rows, piece) => rows + piece.numRows, 0)
    if (inTurn !== table.numRows) return yield* Effect.die(`batches have ${inTurn} rows, the table ${table.numRows}`)
    if (table.numRows <= most) {
      for (const row of view(table).rows) Object.values(row)
      yield* Effect.ignore(TableMismatch.attempt(() => digestOf(table)))
    }
    return text
  })

const reading = (path: string): Effect.Effect<Reading> =>
  Effect.scoped(Effect.flatMap(openTable(path), use)).pipe(
    Effect.map((value) => ({ value })),
    Effect.catchTag("TableUnreadable", (error) => Effect.succeed({ refused: error.what })),
  )

/** With the digest of what it was, a damaged file is that table or none. */
const vouched = (path: string): Effect.Effect<void> =>
  readTable(path, { digest }).pipe(
    Effect.flatMap((table) => (digestOf(table) === digest ? Effect.void : Effect.die("damage that its digest missed"))),
    Effect.catchTag("TableUnreadable", () => Effect.void),
  )

const begins = (bytes: Uint8Array) => Buffer.from(bytes.subarray(0, 6)).toString("latin1") === "ARROW1"

export const arrow: Target = {
  make: (draws) => damagedArrow(bases, draws),
  read: (bytes) => {
    const isFile = begins(bytes)
    // A file behind the magic of another is no stream.
    if (isFile && begins(bytes.subarray(8))) return Promise.resolve({})
    const put = (name: string, content: Uint8Array) => {
      writeFileSync(join(folder, name), content)
      return join(folder, name)
    }
    return Effect.runPromise(
      Effect.gen(function* () {
        const stream = yield* reading(put("stream.arrow", isFile ? bytes.subarray(8) : bytes))
        if (!isFile) return { stream }
        const path = put("file.arrow", bytes)
        if (bytes.length % 3 === 0) yield* vouched(path)
        return { file: yield* reading(path), stream }
      }),
    )
  },
}
