/** One large table: `node table.ts GB`. Its batches share their values, so that memory is what the store takes. */
import { Column, rowsPerBatch, TableSchema } from "@relent/arrow"
import { Store } from "@relent/runtime"
import { Table } from "apache-arrow"
import { Effect } from "effect"
import { inFolder, measuring } from "./measure.ts"

const tensor = Column.tensor("float32", [1024])
const Rows = TableSchema.make("bench/rows", 1, { x: tensor })
const rows = rowsPerBatch([tensor])
const piece = Rows.make({ x: Float32Array.from({ length: rows * 1024 }, (_, i) => i) }).arrow
const count = Math.ceil((Number(process.argv[2]) * 1e9) / (rows * 4096))
const table = new Table(
  piece.schema,
  Array.from({ length: count }, () => piece.batches[0]!),
)
const { all, measure } = measuring()

await inFolder(async (folder) => {
  const inStore = <A, E>(effect: Effect.Effect<A, E, Store>) =>
    Effect.runPromise(Effect.provide(effect, Store.layer(folder)))
  const { digest } = await measure("writing a table", () => inStore(Store.use((store) => store.putTable(table))))
  await measure("verifying it", () => inStore(Store.use((store) => store.verifyTable(digest))))
  await measure("reading it", () => inStore(Store.use((store) => store.getTable(digest))))
}, "disk")
console.log(JSON.stringify(all))
