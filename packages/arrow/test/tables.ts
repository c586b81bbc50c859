/** Tables that several tests use. */
import { mkdtempSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { zstdCompressSync } from "node:zlib"
import * as A from "apache-arrow"
import { Column, TableSchema } from "../src/index.ts"

/** A column of every kind. */
export const All = TableSchema.make("test/all", 1, {
  flag: Column.bool,
  i: Column.int32,
  l: Column.int64,
  f: Column.float32,
  d: Column.float64,
  text: Column.utf8,
  bytes: Column.binary,
  x: Column.tensor("float32", [2, "n"]),
  u: Column.tensor("uint8", [3]),
  k: Column.tensor("int32", []),
  ids: Column.list("int32"),
  weights: Column.list("float32"),
  words: Column.list("utf8"),
  maybe: Column.nullable(Column.int32),
  perhaps: Column.nullable(Column.bool),
  note: Column.nullable(Column.utf8),
  soft: Column.nullable(Column.tensor("float64", [2])),
  some: Column.nullable(Column.list("utf8")),
})

export const row = (i: number) => ({
  flag: i % 2 === 0,
  i: i - 3,
  l: BigInt(i) * 10n ** 15n,
  f: i / 2,
  d: i === 4 ? Number.NaN : i / 3,
  text: `row ${i}`,
  bytes: Uint8Array.of(i & 255, 255).subarray(i % 3),
  x: Float32Array.of(i, 1, 2, 3, 4, -i),
  u: Uint8Array.of(i & 255, 0, 9),
  k: Int32Array.of(-i),
  ids: Int32Array.from({ length: i % 3 }, (_, k) => k),
  weights: Float32Array.from({ length: i % 2 }, () => i / 4),
  words: i % 2 ? ["ä", ""] : [],
  maybe: i % 3 === 0 ? null : i,
  perhaps: i % 4 === 1 ? null : i % 4 === 2,
  note: i % 5 === 0 ? null : "☃".repeat(i % 4),
  soft: i % 2 === 0 ? null : Float64Array.of(i, Infinity),
  some: i % 3 === 1 ? null : [`${i}`],
})
export const rows = Array.from({ length: 11 }, (_, i) => row(i))
export const all = All.fromRows(rows)

/** A file as others write it: Arrow's own writer, dictionaries, several batches. */
export const foreign = (format: "file" | "stream", compression?: "zstd" | "lz4"): Uint8Array => {
  if (compression) {
    A.compressionRegistry.set(A.CompressionType.ZSTD, { encode: (bytes) => new Uint8Array(zstdCompressSync(bytes)) })
    // The head of a frame of LZ4 and nothing in it: nobody looks inside.
    const frame = Uint8Array.of(4, 34, 77, 24, 64, 0, 0)
    A.compressionRegistry.set(A.CompressionType.LZ4_FRAME, { encode: () => frame })
  }
  const table = new A.Table({
    n: A.vectorFromArray([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], new A.Float64()),
    coded: A.vectorFromArray(["a", "b", "a", null, "c", "a", "b", "a", "b", "a"]),
    texts: A.vectorFromArray(["x", null, "z", "ä", "", "x".repeat(300), "y", "", "z", "w"], new A.Utf8()),
    wide: A.vectorFromArray([1n, 2n, 3n, 4n, 5n, 6n, 7n, 8n, 9n, 10n], new A.Uint64()),
    when: A.vectorFromArray(
      Array.from({ length: 10 }, (_, i) => i * 1e6),
      new A.TimestampMillisecond(),
    ),
    nested: A.vectorFromArray(
      Array.from({ length: 10 }, (_, i) => ({ a: i, b: [i, i] })),
      new A.Struct([
        new A.Field("a", new A.Int16(), true),
        new A.Field("b", new A.List(new A.Field("item", new A.Int32(), true)), true),
      ]),
    ),
  })
  const Writer = format === "file" ? A.RecordBatchFileWriter : A.RecordBatchStreamWriter
  const type = compression === "zstd" ? A.CompressionType.ZSTD : A.CompressionType.LZ4_FRAME
  const writer = new Writer(compression ? { compressionType: type } : {})
  writer.writeAll([table.slice(0, 4), table.slice(4)].flatMap(({ batches }) => batches))
  return writer.finish().toUint8Array(true)
}

/** A new folder for the files of one test file. */
export const folder = (): string => mkdtempSync(join(tmpdir(), "relent-arrow-"))
