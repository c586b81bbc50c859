/** Every byte of a store, and every file, damaged in every way: never a wrong table, and a repaired store computes the same again. */
import { readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, relative } from "node:path"
import { Pipeline } from "@relent/stage"
import { Effect } from "effect"
import { beforeAll, expect, it } from "vitest"
import { Store, verifyStore } from "../../src/index.ts"
import { noise, scale } from "../family.ts"
import { filesIn, go, inStore, memory, newFolder } from "../harness.ts"

const verify = process.env["RELENT_VERIFY"] === "1"
const timeout = 3_600_000
const store = newFolder(memory)

const pipeline = () => {
  const { values } = noise({ rows: 3 })
  return Pipeline.make({ name: "damage", seed: 1, outputs: scale({ values, more: [] }, { by: 2 }) })
}
/** What a store keeps, by name. */
const kept = () =>
  filesIn(store)
    .map((path) => relative(store, path))
    .filter((name) => /^(?:objects|results|runs)/.test(name))
let golden: Awaited<ReturnType<typeof go>>
let files: ReadonlyArray<readonly [name: string, bytes: Buffer]> = []
beforeAll(async () => {
  golden = await go(store, pipeline())
  files = kept().map((name) => [name, readFileSync(join(store, name))])
})
const damage = (name: string, bytes: Uint8Array | undefined) =>
  bytes === undefined ? rmSync(join(store, name)) : writeFileSync(join(store, name), bytes)
/** As it was, without what was computed since: the manifests of thousands of runs would be verified with each damage. */
const restore = () => {
  for (const name of kept()) if (files.every(([other]) => other !== name)) rmSync(join(store, name))
  for (const [name, bytes] of files) writeFileSync(join(store, name), bytes)
}

/** What each key of the run gives: nothing, the reason why it is damaged, or the rows; and the manifest, or nothing. */
const given = () =>
  inStore(
    store,
    Store.use(({ lookUp, getTable, readManifest }) =>
      Effect.gen(function* () {
        const rows = yield* Effect.forEach(golden.manifest.steps, ({ key }) =>
          Effect.gen(function* () {
            const found = yield* lookUp(key)
            if (found === undefined || !("outputs" in found)) return found === undefined ? "nothing" : "damaged"
            return (yield* getTable(found.outputs["values"]!.digest)).toArray().map(String).join()
          }),
        )
        return [...rows, JSON.stringify(yield* readManifest(golden.manifest.run)) ?? "nothing"]
      }),
    ),
  )

/** Damages, one at a time: what was done, and the file's bytes then; nothing where it is gone. */
function* damages(): Generator<readonly [what: string, name: string, bytes: Uint8Array | undefined]> {
  const some = verify ? 1 : 37
  for (const [name, bytes] of files) {
    for (let at = 0; at < bytes.length; at += some) {
      const flipped = Buffer.from(bytes)
      flipped[at]! ^= 1 << (at % 8)
      yield [`bit ${at % 8} of byte ${at}`, name, flipped]
    }
    for (let length = 0; length < bytes.length; length += some)
      yield [`cut at ${length}`, name, bytes.subarray(0, length)]
    for (const more of ["\n", "\0\0\0\0\0\0\0\0", bytes])
      yield [`longer by ${more.length}`, name, Buffer.concat([bytes, Buffer.from(more)])]
    for (const [other, instead] of files) if (other !== name) yield [`that of ${other}`, name, instead]
    yield ["removed", name, undefined]
  }
}

it("a damaged store never gives a wrong table or manifest", { timeout }, async ({ task }) => {
  const right = await given()
  expect(right.every((rows) => rows.startsWith("{"))).toBe(true)
  const wrong: Array<ReadonlyArray<string>> = []
  let cases = 0
  for (const [what, name, bytes] of damages()) {
    damage(name, bytes)
    const found = await given()
    found.forEach((rows, i) => {
      if (!["nothing", "damaged", right[i]].includes(rows)) wrong.push([name, what, rows])
    })
    restore()
    cases++
  }
  expect(wrong).toEqual([])
  Object.assign(task.meta, { figures: `${cases} damages` })
})

it("a damaged store says what is damaged, and repaired computes the same again", { timeout }, async ({ task }) => {
  let [all, cases] = [0, 0]
  for (const [what, name, bytes] of damages()) {
    // Of bits and lengths, of which there are many, some.
    if (!verify && /^(?:bit|cut)/.test(what) && all++ % 25 !== 0) continue
    damage(name, bytes)
    const { damaged } = await inStore(store, verifyStore(store, true))
    // A line behind JSON changes nothing, and a result or a run without a record was never there.
    const isHarmless = name.startsWith("runs")
      ? what === "removed"
      : name.endsWith(".json") && (what === "longer by 1" || (what === "removed" && name.startsWith("results")))
    expect([name, what, damaged.length > 0]).toEqual([name, what, !isHarmless])
    expect([name, what, await inStore(store, verifyStore(store, false))]).toEqual([
      name,
      what,
      expect.objectContaining({ damaged: [] }),
    ])
    expect([name, what, (await go(store, pipeline())).digests]).toEqual([name, what, golden.digests])
    restore()
    cases++
  }
  Object.assign(task.meta, { figures: `${cases} damages` })
})
