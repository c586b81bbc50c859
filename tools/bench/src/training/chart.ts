/** The results as a picture. */
import * as vega from "vega"
import { compile, type TopLevelSpec } from "vega-lite"
import { modelNames } from "../models/index.ts"
import type { Summary } from "./results.ts"

/** Ratios to the baseline with their quartiles on a log axis, a column a model; without a baseline, milliseconds. */
export const chart = (summaries: ReadonlyArray<Summary>): Promise<string> => {
  const relative = summaries.every(({ ratio }) => ratio !== undefined)
  const values = summaries.map(({ name, model, ms, ratio }) => {
    const [low, middle, high] = ratio ?? [ms, ms, ms]
    return { name, model, low, middle, high }
  })
  const title = null
  const scale = { type: "log" as const }
  const y = { field: "name", type: "nominal" as const, sort: null, title: null }
  const colour = { condition: { test: "indexof(datum.name, 'relent') == 0", value: "#1f6f8b" }, value: "#999999" }
  const spec: TopLevelSpec = {
    title: { text: relative ? "time a step, PyTorch eager = 1" : "ms a step", anchor: "middle" },
    data: { values },
    facet: { column: { field: "model", type: "nominal", sort: [...modelNames], title: null } },
    spec: {
      width: 150,
      height: { step: 18 },
      layer: [
        ...(relative
          ? [
              {
                mark: { type: "rule" as const, color: "#cccccc" },
                encoding: { x: { datum: 1, type: "quantitative" as const } },
              },
            ]
          : []),
        {
          mark: { type: "rule", strokeWidth: 3 },
          encoding: {
            y,
            x: { field: "low", type: "quantitative", scale, title },
            x2: { field: "high" },
            color: colour,
          },
        },
        {
          mark: { type: "point", filled: true, size: 45, opacity: 1 },
          encoding: { y, x: { field: "middle", type: "quantitative", scale, title }, color: colour },
        },
      ],
    },
    config: { font: "sans-serif", axis: { labelLimit: 260 }, view: { stroke: "#eeeeee" } },
  }
  return new vega.View(vega.parse(compile(spec).spec), { renderer: "none" }).toSVG()
}
