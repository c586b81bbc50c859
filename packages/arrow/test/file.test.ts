import { spawnSync } from "node:child_process"
import { existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import * as A from "apache-arrow"
import { Effect, Stream } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import {
  Column,
  encodeTable,
  openTable,
  readTable,
  TableSchema,
  TableUnreadable,
  view,
  writeTable,
} from "../src/index.ts"
import { All, all, foreign, folder, rows } from "./tables.ts"

const here = folder()
afterAll(() => rmSync(here, { recursive: true }))
const at = (name: string) => join(here, name)
const put = (name: string, bytes: Uint8Array | string) => {
  writeFileSync(at(name), bytes)
  return at(name)
}
const run = Effect.runPromise
const unreadable = (path: string, digest?: string) => {
  const read = digest === undefined ? readTable(path) : readTable(path, { digest })
  return run(Effect.flip(read)).then((error) => {
    expect(error).toBeInstanceOf(TableUnreadable)
    expect(error.message.startsWith(`${path}: `)).toBe(true)
    return error.what
  })
}
const Wide = TableSchema.make("test/wide", 1, { id: Column.int32, x: Column.tensor("float32", [2 ** 19]) })
/** A bit over 2 MiB a row: seven rows a batch. */
const wide = (first: number, count: number) =>
  Wide.make({
    id: Int32Array.from({ length: count }, (_, i) => first + i),
    x: new Float32Array(count * 2 ** 19).fill(first),
  }).arrow

describe("a file", () => {
  it("gives back what was written, whole and by batch", async () => {
    const { digest, rows: count } = await run(writeTable(at("all.arrow"), all.arrow))
    expect(count).toBe(rows.length)
    const whole = await run(readTable(at("all.arrow"), { digest }))
    expect([...view(whole, All.columns).rows]).toEqual(rows)
    expect(whole.schema.metadata.get("relent:schema")).toBe("test/all@1")
  })

  it("holds the same bytes however the rows came", async () => {
    const once = await run(writeTable(at("once.arrow"), wide(0, 20)))
    const pieces = [wide(0, 20).slice(0, 3), wide(0, 20).slice(3, 17), wide(0, 20).slice(17)]
    const streamed = await run(writeTable(at("streamed.arrow"), Stream.fromIterable(pieces)))
    expect(streamed).toEqual(once)
    expect(readFileSync(at("streamed.arrow")).equals(readFileSync(at("once.arrow")))).toBe(true)
    expect(Buffer.concat([...encodeTable(wide(0, 20))]).equals(readFileSync(at("once.arrow")))).toBe(true)
    expect(once.index.batches.map((batch) => batch.rows)).toEqual([7, 7, 6])
  })

  it("is read at random by batch, and as a stream", async () => {
    const { digest } = await run(writeTable(at("wide.arrow"), wide(5, 19)))
    const read = Effect.gen(function* () {
      const file = yield* openTable(at("wide.arrow"), { digest })
      const last = view(yield* file.batch(file.size - 1), Wide.columns)
      const ids = yield* Stream.runFold(
        file.batches,
        () => [] as ReadonlyArray<number>,
        (all, batch) => [...all, ...view(batch, Wide.columns).columns.id],
      )
      const missing = yield* Effect.flip(file.batch(file.size))
      return { size: file.size, last: last.columns.id.at(-1), ids, missing: missing.message }
    })
    const { size, last, ids, missing } = await run(Effect.scoped(read))
    expect(last).toBe(23)
    expect(ids).toEqual(Array.from({ length: 19 }, (_, i) => 5 + i))
    expect(missing).toContain(`it has no batch ${size}`)
  })

  it("is seen where it was read to: views are no copies, whole, by batch and from a stream", async () => {
    await run(writeTable(at("views.arrow"), wide(0, 9)))
    const foreign = put("views-foreign.arrow", A.tableToIPC(wide(0, 9), "stream"))
    for (const path of [at("views.arrow"), foreign])
      for (const { columns } of view(await run(readTable(path)), Wide.columns).batches) {
        // Both lie in the memory of one batch, its message in front.
        expect(columns.x.buffer).toBe(columns.id.buffer)
        expect(columns.x.byteOffset).toBeGreaterThan(0)
      }
  })

  it("may have no rows", async () => {
    const empty = All.fromRows([], { sizes: { n: 3 } })
    const { digest } = await run(writeTable(at("none.arrow"), empty.arrow))
    const back = await run(readTable(at("none.arrow"), { digest }))
    expect(back.numRows).toBe(0)
    expect(await run(All.decode(back)).then((table) => table.columns.x)).toEqual(new Float32Array(0))
  })

  it("is opened by Arrow's own reader, as a file and, after eight bytes, as a stream", () => {
    const bytes = readFileSync(at("all.arrow"))
    for (const table of [A.tableFromIPC(bytes), A.tableFromIPC(bytes.subarray(8))])
      expect([...view(table, All.columns).rows]).toEqual(rows)
  })

  it("appears only when it is whole", async () => {
    const broken = Stream.concat(Stream.make(all.arrow), Stream.fail("stopped" as const))
    expect(await run(Effect.flip(writeTable(at("broken.arrow"), broken)))).toBe("stopped")
    const other = Stream.make(all.arrow, wide(0, 1))
    const mixed = await run(Effect.flip(writeTable(at("mixed.arrow"), other)))
    expect(String(mixed)).toContain("other columns")
    const none = await run(Effect.flip(writeTable(at("none-at-all.arrow"), Stream.empty)))
    expect(none.message).toContain("there is no batch")
    expect(existsSync(at("broken.arrow")) || existsSync(at("mixed.arrow"))).toBe(false)
    expect(readdirSync(here).filter((name) => name.endsWith(".part"))).toEqual([])
    const nowhere = await run(Effect.flip(writeTable(at("no/such/folder.arrow"), all.arrow)))
    expect(nowhere.message).toContain("no such file or folder")
  })

  it("may come from elsewhere: either format, dictionaries, zstd", async () => {
    const plain = A.tableFromIPC(foreign("file"))
    for (const format of ["file", "stream"] as const)
      for (const compression of [undefined, "zstd"] as const) {
        const table = await run(readTable(put("foreign.arrow", foreign(format, compression))))
        expect(table.toArray().map(String)).toEqual(plain.toArray().map(String))
      }
  })
})

describe("a file that can't be read", () => {
  it("is told by what it is", async () => {
    expect(await unreadable(at("missing.arrow"))).toContain("no such file")
    expect(await unreadable(here)).toBe("it isn't a file")
    expect(await unreadable(put("empty.arrow", ""))).toBe("it is empty")
    expect(await unreadable(put("text.arrow", "id,label\n1,2\n"))).toBe("it isn't an Arrow file")
    expect(await unreadable(put("short.arrow", "x"))).toBe("it isn't an Arrow file")
    expect(await unreadable(put("a.parquet", "PAR1 and more"))).toBe("it is a Parquet file")
    expect(await unreadable(put("magic.arrow", "ARROW1\0\0"))).toBe("its end is missing")
    expect(await unreadable(put("lz4.arrow", foreign("file", "lz4")))).toContain("LZ4")
  })

  it.skipIf(process.platform === "win32")("is a pipe, which nobody waits for", async () => {
    expect(spawnSync("mkfifo", [at("pipe")]).status).toBe(0)
    expect(await unreadable(at("pipe"))).toBe("it isn't a file")
  })

  it("was cut off anywhere", async () => {
    const bytes = readFileSync(at("all.arrow"))
    const path = put("cut.arrow", bytes)
    for (let length = bytes.length - 1; length >= 0; length -= 37) {
      truncateSync(path, length)
      await unreadable(path)
    }
    const stream = foreign("stream")
    for (let length = 1; length < stream.length - 8; length += 29) {
      const read = readTable(put("cut-stream.arrow", stream.subarray(0, length)))
      const found = read.pipe(
        Effect.map((table) => table.numRows),
        Effect.catch((error) => Effect.succeed(error._tag)),
      )
      // A stream may end after any message.
      expect(["TableUnreadable", 0, 4, 10]).toContain(await run(found))
    }
  })

  it("differs from its digest in one bit", async () => {
    const { digest, index } = await run(writeTable(at("signed.arrow"), all.arrow))
    const bytes = readFileSync(at("signed.arrow"))
    const covered = index.head.length + index.batches.reduce((n, batch) => n + batch.length, 0)
    for (let i = 0; i < covered; i += 61) {
      const damaged = new Uint8Array(bytes)
      damaged[i]! ^= 1 << (i & 7)
      await unreadable(put("damaged.arrow", damaged), digest)
    }
    await unreadable(at("foreign.arrow"), digest)
  })

  it("changed after it was opened", async () => {
    const { digest, index } = await run(writeTable(at("moving.arrow"), all.arrow))
    const open = openTable(at("moving.arrow"), { digest })
    const read = Effect.flatMap(open, (file) => {
      const bytes = readFileSync(at("moving.arrow"))
      bytes[index.head.length + index.batches[0]!.length - 8]! ^= 1
      writeFileSync(at("moving.arrow"), bytes)
      return Effect.flip(file.batch(0))
    })
    expect((await run(Effect.scoped(read))).what).toContain("changed while")
  })
})
