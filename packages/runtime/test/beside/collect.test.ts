/** Garbage is collected before and after every operation of a run: it gives what it gives, and nothing that it uses goes. */
import { rmSync } from "node:fs"
import { join } from "node:path"
import { check, Pipeline } from "@relent/stage"
import { Effect } from "effect"
import { afterAll, beforeAll, expect, it } from "vitest"
import { collectGarbage, run, Store, verifyStore } from "../../src/index.ts"
import { watched } from "../disk/watched.ts"
import { noise, scale, walk } from "../family.ts"
import { filesIn, go, inStore, memory, newFolder } from "../harness.ts"
import { collector } from "./collector.ts"

const verify = process.env["RELENT_VERIFY"] === "1"
const timeout = 3_600_000
const garbage = collector()
afterAll(garbage.end)

/** A first run, whose results the second finds old: one of the same key, and a table equal to one that it computes. */
const first = () => {
  const { values } = noise.as("few")()
  return Pipeline.make({ name: "first", seed: 1, outputs: scale.as("same")({ values, more: [] }, { by: 1 }) })
}
const second = () => {
  const { values } = noise.as("few")()
  const big = noise.as("many")({ rows: 40_000 }).values
  const equal = scale.as("equal")({ values: big, more: [] }, { by: 1 }).values
  const twice = scale.as("twice")({ values, more: [big] }, { by: 2 }).values
  return Pipeline.make({ name: "second", seed: 1, outputs: { equal, twice, walked: walk({ steps: 20 }).values } })
}

/**
 * A run, and every table of it read before the process lets go of them; `point` is called before and after every operation, but for those
 * of locks: within them a collection waits.
 */
const readAll = (root: string, point: (call: string, path: string) => void) => {
  const at = (call: string, path: string) => {
    if (!path.startsWith("locks")) point(call, path)
  }
  return watched(root, { before: at, after: at }, () =>
    inStore(
      root,
      Effect.gen(function* () {
        const manifest = yield* Effect.flatMap(check(second()), (plan) => run(plan, { concurrency: 2 }))
        const outputs = manifest.steps.flatMap((s) =>
          Object.entries(s.outputs).map(([port, { digest }]) => [`${s.id}.${port}`, digest] as const),
        )
        yield* Effect.forEach(outputs, ([, digest]) => Store.use(({ getTable }) => getTable(digest)))
        return Object.fromEntries(outputs)
      }),
    ),
  )
}

let golden: Awaited<ReturnType<typeof go>>
/** Operations of the second run, before and after each. */
let points = 0
const prepared = async () => {
  const store = newFolder(memory)
  await go(store, first())
  return store
}
beforeAll(async () => {
  golden = await go(newFolder(memory), second())
  await readAll(await prepared(), () => points++)
})

it("once at each point of a run: nothing that it uses goes, and it gives the same", { timeout }, async ({ task }) => {
  let [collected, files] = [0, 0]
  for (let point = 0; point < points; point += verify ? 1 : 37, collected++) {
    const store = await prepared()
    let now = 0
    let where = ""
    const digests = await readAll(store, (call, path) => {
      if (now++ !== point) return
      where = `${call} ${path}`
      files += garbage.collect(store)
    })
    expect([where, digests]).toEqual([where, golden.digests])
    expect([where, await inStore(store, verifyStore(store, false))]).toEqual([
      where,
      expect.objectContaining({ damaged: [] }),
    ])
    expect((await go(store, second())).digests).toEqual(golden.digests)
    rmSync(store, { recursive: true })
  }
  // Some of what the first run left goes, else the test would show nothing.
  expect(files).toBeGreaterThan(0)
  Object.assign(task.meta, { figures: `${collected} collections, ${files} files collected` })
})

it("at all points of one run, and when it's done everything goes", { timeout }, async () => {
  const store = await prepared()
  expect(await readAll(store, () => void garbage.collect(store))).toEqual(golden.digests)
  expect(garbage.collect(store)).toBeGreaterThan(0)
  expect(filesIn(store).filter((path) => !path.startsWith(join(store, "locks")))).toEqual([])
  expect(filesIn(join(store, "locks", "held"))).toEqual([])
})

it("what goes while a store is verified isn't called damaged", async () => {
  const store = newFolder(memory)
  for (let rows = 1; rows <= 20; rows++)
    await go(store, Pipeline.make({ name: "many", seed: 1, outputs: noise({ rows }) }))
  const all = { keep: 0, grace: Number.NEGATIVE_INFINITY }
  const both = Effect.all([verifyStore(store, false), collectGarbage(store, all)], { concurrency: 2 })
  const [{ damaged }, { files }] = await inStore(store, both)
  expect([damaged, files]).toEqual([[], 80])
})
