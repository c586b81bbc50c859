/**
 * One batch of more than 2 GiB, as another tool may write it: read whole, in a process of its own.
 * `node huge.ts` prints what it found.
 */
import { closeSync, openSync, rmSync, writeSync } from "node:fs"
import { join } from "node:path"
import * as A from "apache-arrow"
import { Effect } from "effect"
import { Column, readTable, TableSchema } from "../src/index.ts"
import { folder } from "./tables.ts"

const size = 2 ** 20
const rows = 290
const tensor = Column.tensor("float32", [size])
/** Two columns, since Arrow's writer can't write one of 2 GiB. */
const Rows = TableSchema.make("test/rows", 1, { x: tensor, y: tensor })

/** Writes as it goes, since Arrow's own writer keeps everything. */
class FileWriter extends A.RecordBatchFileWriter {
  readonly #file: number
  constructor(file: number) {
    super()
    this.#file = file
  }
  protected override _write(chunk: ArrayBufferView): this {
    if (!this._started) return this
    const bytes = new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength)
    for (let at = 0; at < bytes.length;) at += writeSync(this.#file, bytes, at, Math.min(bytes.length - at, 2 ** 30))
    this._position += bytes.length
    return this
  }
}

const here = folder()
const path = join(here, "huge.arrow")
const file = openSync(path, "w")
const x = new Float32Array(rows * size)
for (let row = 0; row < rows; row++) x[row * size] = x[(row + 1) * size - 1] = row
new FileWriter(file).writeAll(Rows.make({ x, y: x }).arrow)
closeSync(file)

const table = await Effect.runPromise(Effect.flatMap(readTable(path), Rows.decode))
const { x: seen, y } = table.columns
const same = Array.from({ length: rows }, (_, row) => seen[row * size] === row && y[(row + 1) * size - 1] === row)
rmSync(here, { recursive: true })
console.log(JSON.stringify({ rows: table.length, bytes: seen.byteLength + y.byteLength, same: same.every(Boolean) }))
