/**
 * Writes a table as a stream of batches and reads it back, in a process of its own, so that memory is this work's alone.
 * `node back-pressure.ts MEGABYTES` prints the growth of resident memory in MB.
 */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { Effect, Stream } from "effect"
import { Column, openTable, TableSchema, view, writeTable } from "../src/index.ts"
import { folder } from "./tables.ts"

const megabytes = Number(process.argv[2])
const Images = TableSchema.make("test/images", 1, { id: Column.int32, image: Column.tensor("float32", [28, 28]) })
const rows = 6000 // 18.8 MB, so that no piece of the stream is a batch of the file
const pieces = Math.ceil((megabytes * 1e6) / (rows * 28 * 28 * 4))
const piece = (i: number) =>
  Images.make({
    id: Int32Array.from({ length: rows }, (_, k) => i * rows + k),
    image: new Float32Array(rows * 784).fill(i),
  }).arrow

const here = folder()
const path = join(here, "images.arrow")
// What loading the code takes isn't what writing takes.
await Effect.runPromise(writeTable(path, piece(0)))
let peak = 0
const before = process.memoryUsage.rss()
const look = () => (peak = Math.max(peak, process.memoryUsage.rss() - before))

const source = Stream.fromIterable(
  Array.from({ length: pieces }, (_, i) => i),
  { chunkSize: 1 },
).pipe(
  Stream.map(piece),
  Stream.tap(() => Effect.sync(look)),
)
const read = Effect.gen(function* () {
  const { digest } = yield* writeTable(path, source)
  const file = yield* openTable(path, { digest })
  look()
  let next = 0
  yield* Stream.runForEach(file.batches, (batch) =>
    Effect.sync(() => {
      look()
      const { columns, length } = view(batch, Images.columns)
      if (columns.id[0] !== next || columns.image[0] !== Math.floor(next / rows)) process.exit(1)
      next += length
    }),
  )
  return next
})
const count = await Effect.runPromise(Effect.scoped(read))
rmSync(here, { recursive: true })
console.log(JSON.stringify({ rows: count, growth: Math.round(peak / 1e6) }))
