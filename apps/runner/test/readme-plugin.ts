import { Column, TableSchema } from "@relent/arrow"
import { Divergence } from "@relent/divergence"
import { Plugin, Stage } from "@relent/stage"

const Values = TableSchema.make("mine/values", 1, { x: Column.float64 })
const first = Stage.make("mine/first", {
  module: import.meta.url,
  title: "The first value",
  inputs: { values: Values },
  outputs: { value: Values },
  *run({ inputs: { values } }) {
    return { value: Values.make({ x: values.columns.x.slice(0, 1) }) }
  },
})

// Vincze–Le Cam: one function of u = target / model, judged to be convex and 0 at 1, then a member of every loss.
const leCam = Divergence.define(import.meta.url, "mine/le-cam", 1, {
  f: (u, { add, sub, div, pow }) => div(pow(sub(u, 1), 2), add(u, 1)),
})

export const plugin = Plugin.make("mine", {
  title: "Mine",
  module: import.meta.url,
  stages: { first: () => Promise.resolve(first) },
  values: () => Promise.resolve([leCam]),
})
