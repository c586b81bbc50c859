/** A report: the tables of runs read from the store, made a page, and written as HTML. */
import { type Manifest, type Store, type StoreError } from "@relent/runtime"
import { Effect } from "effect"
import { readTables } from "./held.ts"
import { readAssets } from "./html/assets.ts"
import { documentOf } from "./html/document.ts"
import { type JudgedSuite, pageOf } from "./page.ts"

/** A run to report on, with the verdicts of its suite if it was one's. */
export interface Reported {
  readonly manifest: Manifest
  readonly judged?: JudgedSuite
}

/** The HTML of these runs on one page. Fails where the store can't be read; a table that is gone is said to be. */
export const report = (runs: ReadonlyArray<Reported>): Effect.Effect<string, StoreError, Store> =>
  Effect.gen(function* () {
    const materials = yield* Effect.forEach(runs, (one) =>
      Effect.map(readTables(one.manifest), (held) => ({ ...one, held })),
    )
    return documentOf(pageOf(materials), readAssets())
  })
