/** Charts: Vega-Lite specifications with their data, and a sentence for who can't see them. */
import { view } from "@relent/arrow"
import type { Outcome } from "@relent/suite"
import type { Curve } from "./curve.ts"
import { counted, digits, spell } from "./spell.ts"
import type { PointTable } from "./table.ts"

/** A Vega-Lite specification, as JSON. */
export type Spec = { readonly [key: string]: unknown }

export interface Chart {
  readonly title: string
  /** What the chart shows, in words. */
  readonly caption: string
  readonly spec: Spec
}

/** Lines are told apart by their dashes as well as by their colour. */
const dashes = [
  [1, 0],
  [7, 3],
  [2, 2],
  [9, 3, 2, 3],
  [4, 1],
  [1, 3],
]

const armChannels = (arms: ReadonlyArray<string>) => {
  const isShort = arms.every((name) => name.length < 18)
  const legend = { title: null, symbolType: "stroke", symbolOpacity: 1, symbolSize: 300, columns: isShort ? 2 : 1 }
  const channel = { field: "arm", type: "nominal", legend: arms.length > 1 ? legend : null }
  return {
    color: { ...channel, scale: { domain: arms } },
    strokeDash: { ...channel, scale: { domain: arms, range: arms.map((_, i) => dashes[i % dashes.length]) } },
  }
}

/** Numbers at an axis: powers of ten where they would be strings of zeros. */
const axisOf = (values: ReadonlyArray<number>) => {
  const largest = Math.max(...values.map(Math.abs))
  return largest > 0 && largest < 1e-3 ? { axis: { format: ".1e" } } : {}
}

/** Values that are all above 0 and lie far apart are told apart by their logarithm. */
const isWide = (values: ReadonlyArray<number>): boolean => {
  const [low, high] = [Math.min(...values), Math.max(...values)]
  return low > 0 && high / low > 1000
}

/** A metric over the steps: lines are means, bands go from the least to the largest. */
export const curveChart = ({ stage, metric, arms: all, points }: Curve): Chart => {
  const arms = [...new Set(points.map((point) => point.arm))]
  const isBand = points.some(({ count }) => count > 1)
  const scale = isWide(points.map(({ low }) => low)) ? { type: "log" } : { zero: false, nice: true }
  const x = { field: "step", type: "quantitative", title: "step", axis: { tickMinStep: 1 } }
  const ends = arms.map((name) => {
    const last = points.findLast((point) => point.arm === name)!
    return `${name} ${digits(last.mean, 4)}`
  })
  const most = Math.max(...points.map(({ count }) => count))
  // Every metric of a stage gives an arm the same colour.
  const { strokeDash, ...channels } = armChannels(all)
  const y = { type: "quantitative", scale, title: metric, ...axisOf(points.flatMap(({ low, high }) => [low, high])) }
  const band = isBand ? ` Lines are means, bands reach from the least to the largest of ${most} (seeds, members).` : ""
  return {
    title: `${metric} of ${stage}`,
    caption: `${metric} over steps, ${counted(arms.length, "arm")}.${band} At the end: ${ends.slice(0, 12).join("; ")}${ends.length > 12 ? "; …" : ""}.`,
    spec: {
      width: "container",
      height: 220,
      data: { values: points },
      encoding: { x, ...channels },
      layer: [
        ...(isBand
          ? [
              {
                mark: { type: "area", opacity: 0.18 },
                encoding: { y: { field: "low", ...y }, y2: { field: "high" } },
              },
            ]
          : []),
        {
          mark: { type: "line", strokeWidth: 1.8, tooltip: true },
          encoding: { y: { field: "mean", ...y }, strokeDash },
        },
      ],
    },
  }
}

/** The metric of every arm that claims compare: a dot a seed, a bar at the mean. */
export const armChart = (metric: string, outcomes: ReadonlyArray<Outcome>, seeds: ReadonlyArray<number>): Chart => {
  const arms = new Map(outcomes.flatMap(({ values }) => Object.entries(values)))
  const values = [...arms].flatMap(([name, numbers]) =>
    numbers.flatMap((value, i) => (Number.isFinite(value) ? [{ arm: name, value, seed: String(seeds[i] ?? i) }] : [])),
  )
  const means = [...arms].map(([name, n]) => `${name} ${digits(n.reduce((a, b) => a + b, 0) / n.length, 4)}`)
  const x = {
    field: "value",
    type: "quantitative",
    title: metric,
    ...axisOf(values.map(({ value }) => value)),
    scale: isWide(values.map(({ value }) => value)) ? { type: "log" } : { zero: false },
  }
  const y = { field: "arm", type: "nominal", sort: null, title: null, axis: { labelLimit: 180 } }
  return {
    title: `${metric} of the arms`,
    caption: `${metric} of ${counted(arms.size, "arm")}: a dot a seed, a bar at the mean. Means: ${means.join("; ")}.`,
    spec: {
      width: "container",
      height: { step: 24 },
      autosize: { type: "fit-x", contains: "padding" },
      data: { values },
      encoding: { y },
      layer: [
        {
          mark: { type: "point", filled: true, size: 45, opacity: 0.55 },
          encoding: { x, tooltip: ["arm", "seed", "value"].map((field) => ({ field })) },
        },
        { mark: { type: "tick", thickness: 2.5, size: 16 }, encoding: { x: { ...x, aggregate: "mean" } } },
      ],
    },
  }
}

/** The key of a table's metadata under which a stage may keep the specification of a chart of its rows. */
export const chartKey = "relent:chart"

/** Rows that a chart of a table gets, at most. */
const mostRows = 5000
const mostElements = 16

const datum = (value: unknown): unknown => {
  if (ArrayBuffer.isView(value) || Array.isArray(value)) {
    const list = Array.from(value as unknown as ArrayLike<unknown>)
    return list.length <= mostElements ? list : undefined
  }
  if (typeof value === "bigint") return Number(value)
  return typeof value === "number" && !Number.isFinite(value) ? null : value
}

const isSpec = (value: unknown): value is Spec => typeof value === "object" && value !== null && !Array.isArray(value)

const parsed = (text: string): Spec | undefined => {
  try {
    const value: unknown = JSON.parse(text)
    return isSpec(value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The chart that a table brings along, with its rows as data; undefined where it brings none. */
export const ownChart = (name: string, { at, table }: PointTable): Chart | undefined => {
  const spec = parsed(table.schema.metadata.get(chartKey) ?? "")
  if (spec === undefined) return undefined
  const rows: Iterable<Readonly<Record<string, unknown>>> = view(table.slice(0, mostRows)).rows
  const values = [...rows].map((row) =>
    Object.fromEntries(Object.entries(row).map(([key, value]) => [key, datum(value)])),
  )
  const point = Object.entries(at).map(([axis, value]) => `${axis} ${spell(value)}`)
  const title = [name, ...point].join(", ")
  const said =
    typeof spec["description"] === "string" ? spec["description"] : `${counted(values.length, "row")} of ${name}`
  const isSingle = "mark" in spec || "layer" in spec
  return { title, caption: said, spec: { ...(isSingle && { width: "container" }), ...spec, data: { values } } }
}
