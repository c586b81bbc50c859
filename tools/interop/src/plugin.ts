/** The table as a stage, so that the exports of the command can be checked. */
import { Plugin, Stage } from "@relent/stage"
import { Everything, rowsOf } from "./everything.ts"

const everything = Stage.make("interop/everything", {
  module: import.meta.url,
  title: "A column of every kind",
  outputs: { table: Everything },
  *run() {
    return { table: Everything.fromRows(rowsOf(23)) }
  },
})

export const plugin = Plugin.make("interop", {
  title: "Tables to compare with pyarrow",
  module: import.meta.url,
  stages: { everything: () => Promise.resolve(everything) },
})
