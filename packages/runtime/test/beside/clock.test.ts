/** Clocks that are set back, and files from the future. */
import { utimesSync } from "node:fs"
import { join } from "node:path"
import { check, Pipeline } from "@relent/stage"
import { Clock, Effect } from "effect"
import { expect, it } from "vitest"
import { collectGarbage, run, Store } from "../../src/index.ts"
import { noise, walk } from "../family.ts"
import { filesIn, go, inStore, newFolder } from "../harness.ts"

const pipeline = (rows: number) => Pipeline.make({ name: "clock", seed: 1, outputs: noise({ rows }) })

/** A run that begins at a time, on a clock that goes backwards by an hour whenever it is read. */
const runAt = (store: string, rows: number, start: string) =>
  inStore(
    store,
    Effect.gen(function* () {
      const stock = yield* Clock.Clock
      let now = Date.parse(start)
      const back = () => (now -= 3_600_000) + 3_600_000
      const clock: typeof stock = Object.create(stock, { currentTimeMillis: { value: Effect.sync(back) } })
      const plan = yield* check(pipeline(rows))
      return yield* Effect.provideService(run(plan), Clock.Clock, clock)
    }),
  )

it("the last run is the newest, has a name of its own, and took no negative time", async () => {
  const store = newFolder()
  const days = ["2030-01-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z", "2026-06-01T00:00:00.000Z"]
  const runs = []
  for (const [i, day] of days.entries()) runs.push(await runAt(store, i + 1, day))
  const listed = await inStore(
    store,
    Store.use((s) => s.manifests),
  )
  expect(listed.map((m) => m.run)).toEqual(runs.map((m) => m.run).toReversed())
  expect(listed.map((m) => m.started)).toEqual([
    "2030-01-01T00:00:00.002Z",
    "2030-01-01T00:00:00.001Z",
    "2030-01-01T00:00:00.000Z",
  ])
  for (const { milliseconds } of [...listed, ...listed.flatMap((m) => m.steps)])
    expect(milliseconds).toBeGreaterThanOrEqual(0)
  // The last one is what is kept of them.
  await inStore(store, collectGarbage(store, { keep: 1, grace: Number.NEGATIVE_INFINITY }))
  expect((await go(store, pipeline(3))).ended).toEqual(["noise cached"])
  expect((await go(store, pipeline(1))).ended).toEqual(["noise computed"])
})

it("two runs at once have names of their own, also where a clock was set back", async () => {
  const store = newFolder()
  await runAt(store, 1, "2030-01-01T00:00:00.000Z")
  const two = await Promise.all([2, 3].map((rows) => runAt(store, rows, "2026-06-01T00:00:00.000Z")))
  const listed = await inStore(
    store,
    Store.use((s) => s.manifests),
  )
  expect(listed.map((m) => m.run).toSorted()).toEqual([listed.at(-1)!, ...two].map((m) => m.run).toSorted())
  expect(new Set(listed.map((m) => m.run)).size).toBe(3)
  expect(filesIn(join(store, "tmp"))).toEqual([])
})

it("what is from the future stays", async () => {
  const store = newFolder()
  await go(store, pipeline(1))
  await go(store, Pipeline.make({ name: "other", seed: 1, outputs: walk({ steps: 20 }) }))
  const files = filesIn(store)
  const future = new Date(Date.now() + 365 * 24 * 3_600_000)
  for (const file of files) utimesSync(file, future, future)
  expect(await inStore(store, collectGarbage(store, { keep: 0 }))).toMatchObject({ files: 0 })
})
