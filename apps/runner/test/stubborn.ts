/** A stage that answers no interruption. */
import { Column, TableSchema } from "@relent/arrow"
import { Plugin, Stage } from "@relent/stage"
import { Effect } from "effect"

const wait = Stage.make("stubborn/wait", {
  module: import.meta.url,
  title: "Waits for ever",
  outputs: { values: TableSchema.make("stubborn/values", 1, { x: Column.float64 }) },
  *run() {
    return yield* Effect.uninterruptible(Effect.andThen(Effect.sleep(3_600_000), Effect.never))
  },
})

export const plugin = Plugin.make("stubborn", {
  title: "Stubborn",
  module: import.meta.url,
  stages: { wait: () => Promise.resolve(wait) },
})
