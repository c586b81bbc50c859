/** A table of images, 188 MB: written, read whole, read batch by batch; against the plain bytes of the same file. */
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Column, openTable, readTable, TableSchema, writeTable } from "@relent/arrow"
import { Effect, Stream } from "effect"

const rows = 60_000
const Images = TableSchema.make("bench/images", 1, { id: Column.int32, image: Column.tensor("float32", [28, 28]) })
const { arrow } = Images.make({
  id: Int32Array.from({ length: rows }, (_, i) => i),
  image: new Float32Array(rows * 784).fill(0.5),
})
const folder = mkdtempSync(join(tmpdir(), "relent-bench-"))
const path = join(folder, "images.arrow")

const work: Record<string, () => unknown> = {
  "plain write": () => writeFileSync(join(folder, "plain"), readFileSync(path)),
  "plain read": () => readFileSync(path),
  write: () => Effect.runPromise(writeTable(path, arrow)),
  read: () => Effect.runPromise(readTable(path)),
  "by batch": () =>
    Effect.runPromise(
      Effect.scoped(
        Effect.flatMap(openTable(path), ({ batches }) =>
          Stream.runFold(
            batches,
            () => 0,
            (n, batch) => n + batch.numRows,
          ),
        ),
      ),
    ),
}
await work["write"]!()
const gigabytes = statSync(path).size / 1e9
const speed: Record<string, number> = {}
for (let round = 0; round < 4; round++)
  for (const [name, run] of Object.entries(work)) {
    const begin = performance.now()
    await run()
    speed[name] = Math.max(speed[name] ?? 0, gigabytes / ((performance.now() - begin) / 1000))
  }
rmSync(folder, { recursive: true })
const show = (name: string, plain: string) =>
  `${name} ${speed[name]!.toFixed(2)} GB/s (${(speed[name]! / speed[plain]!).toFixed(2)} of the plain bytes)`
console.log(
  `table of ${(gigabytes * 1000).toFixed(0)} MB: ${[show("write", "plain write"), show("read", "plain read"), show("by batch", "plain read")].join(", ")}; best of 4`,
)
