/** Files of a store that were written by someone else: each consistent in itself, and not what it says it is. */
import { mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { rootOf, sha256, type TableIndex } from "@relent/arrow"
import { Pipeline } from "@relent/stage"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { type CheckFailed, objectPath, Store } from "../src/index.ts"
import { noise, walk, WalkState } from "./family.ts"
import { go, inStore, newFolder } from "./harness.ts"

const place = (path: string, bytes: Uint8Array | string) => {
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, bytes)
}
const indexOf = (store: string, digest: string) => objectPath(store, digest).replace(/arrow$/, "json")
const reading = (store: string, digest: string) =>
  inStore(store, Effect.flip(Store.use(({ getTable }) => getTable(digest))))

describe("a forged table", () => {
  it.each([
    ["nothing but text", "head", "batch"],
    ["zeros", "\0".repeat(64), "\0".repeat(64)],
    ["a length that is too large", `ARROW1\0\0\xff\xff\xff\xff\xff\xff\xff\x7f`, "\xff\xff\xff\xff\xff\xff\xff\x7f"],
  ])("of %s, with the digest of its bytes, is an error that names the file", async (_, head, batch) => {
    const store = newFolder()
    const [a, b] = [Buffer.from(head, "latin1"), Buffer.from(batch, "latin1")]
    const piece = (bytes: Buffer) => ({ length: bytes.length, digest: sha256(bytes) })
    const index: TableIndex = { head: piece(a), batches: [{ ...piece(b), rows: 1 }], tail: piece(Buffer.alloc(0)) }
    const digest = rootOf(index)
    place(objectPath(store, digest), Buffer.concat([a, b]))
    place(indexOf(store, digest), JSON.stringify(index))
    expect(await reading(store, digest)).toMatchObject({
      _tag: "StoreCorrupt",
      path: objectPath(store, digest),
      reason: expect.stringContaining("batch 0 is no Arrow table"),
    })
  })

  it.each([-8, 2 ** 40, 2 ** 52, 0.5, null])(
    "whose index says that a batch has %s bytes is damaged",
    async (length) => {
      const store = newFolder()
      const { digests } = await go(store, Pipeline.make({ name: "one", seed: 1, outputs: noise() }))
      const digest = digests["noise.values"]!
      const index = JSON.parse(readFileSync(indexOf(store, digest), "utf8")) as TableIndex
      // The digest of a table is over the digests of its pieces, and their lengths follow.
      const forged = { ...index, batches: index.batches.map((batch) => ({ ...batch, length })) }
      expect(rootOf(forged as TableIndex)).toBe(digest)
      writeFileSync(indexOf(store, digest), JSON.stringify(forged))
      expect(await reading(store, digest)).toMatchObject({ _tag: "StoreCorrupt" })
    },
  )
})

describe("a forged checkpoint", () => {
  const pipeline = () => Pipeline.make({ name: "walk", seed: 1, outputs: walk({ steps: 40 }) })
  const prepared = async () => {
    const { manifest, digests } = await go(newFolder(), pipeline())
    return { store: newFolder(), key: manifest.steps[0]!.key, digests }
  }

  it.each([
    ["no JSON", "{\nxx"],
    ["a step that is none", '{"step":-0.5,"rows":[]}\nxx'],
    ["rows that are none", '{"step":3,"rows":{}}\nxx'],
    ["a state that is none", '{"step":3,"rows":[]}\nxx'],
  ])("of %s lets the stage begin anew", async (_, body) => {
    const { store, key, digests } = await prepared()
    place(join(store, "checkpoints", `${key}.checkpoint`), `${sha256(body)}\n${body}`)
    expect((await go(store, pipeline())).digests).toEqual(digests)
  })

  it("that is whole is believed, and found out by a check, which begins anew", async () => {
    const { store, key, digests } = await prepared()
    const state = WalkState.encode({ kind: "walk", at: Float64Array.of(1000) })
    const forge = () =>
      inStore(
        store,
        Store.use(({ saveCheckpoint }) => saveCheckpoint(key, { step: 30, rows: [], state })),
      )
    await forge()
    expect((await go(store, pipeline())).digests).not.toEqual(digests)
    await forge()
    const found = await go(store, pipeline(), { check: true }).then(
      () => undefined,
      ({ differences }: CheckFailed) => differences[0],
    )
    expect(found).toMatchObject({ step: "walk", port: "values", found: digests["walk.values"] })
  })
})
