/** A store of many tiny results: `node results.ts N`. */
import { Column, sha256, TableSchema } from "@relent/arrow"
import { collectGarbage, Store, verifyStore } from "@relent/runtime"
import { Effect } from "effect"
import { inFolder, measuring } from "./measure.ts"

const count = Number(process.argv[2])
const One = TableSchema.make("bench/one", 1, { one: Column.int32 })
const keyOf = (i: number) => sha256(`result ${i}`)
const { all, measure } = measuring()

await inFolder(async (folder) => {
  const inStore = <A, E>(effect: Effect.Effect<A, E, Store>) =>
    Effect.runPromise(Effect.provide(effect, Store.layer(folder)))
  const parts = { stage: "bench/one", code: "", parameters: {}, named: {}, inputs: {}, sources: {}, numerics: "" }
  await measure("writing results", () =>
    inStore(
      Store.use((store) =>
        Effect.gen(function* () {
          for (let i = 0; i < count; i++) {
            const one = yield* store.putTable(One.make({ one: [i] }).arrow)
            yield* store.writeResult({ key: keyOf(i), parts, outputs: { one }, milliseconds: 1 })
          }
        }),
      ),
    ),
  )
  await measure("finding each, verified", () =>
    inStore(
      Store.use((store) =>
        Effect.gen(function* () {
          for (let i = 0; i < count; i++)
            if ((yield* store.lookUp(keyOf(i))) === undefined) throw new Error("a result is lost")
        }),
      ),
    ),
  )
  await measure("store verify", () => Effect.runPromise(verifyStore(folder, false)))
  await measure("store gc of all", () => Effect.runPromise(collectGarbage(folder, { keep: 0, grace: -1 })))
}, "memory")
console.log(JSON.stringify(all))
