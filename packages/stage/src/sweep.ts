/** Sweeps: the body runs once a point, and what it returns can be collected into one table. */
import { build, Column, type Columns, columnsOf, type Float64, type Table, type Utf8, view } from "@relent/arrow"
import { Schema } from "effect"
import { type AnyHandle, type Handle, type Point } from "./handle.ts"
import { inPlace } from "./place.ts"
import { Port } from "./port.ts"
import { Stage } from "./stage.ts"

type Axes = { readonly [axis: string]: ReadonlyArray<unknown> }
type PointOf<X extends Axes> = { readonly [K in keyof X]: X[K][number] }

export interface Sweep<X extends Axes, Result> {
  readonly points: ReadonlyArray<{ readonly at: PointOf<X>; readonly result: Result }>
}

/** All points of these axes, the last axis fastest. */
export const pointsOf = (axes: Axes): ReadonlyArray<Point> =>
  Object.entries(axes).reduce<ReadonlyArray<Point>>(
    (points, [axis, values]) => points.flatMap((point) => values.map((value) => ({ ...point, [axis]: value }))),
    [{}],
  )

/** Runs `body` once a point. The axis `seed` reseeds the steps inside; points of all other axes share their draws. */
export const over = <const X extends Axes, Result>(axes: X, body: (point: PointOf<X>) => Result): Sweep<X, Result> => ({
  points: pointsOf(axes).map((at) => ({ at: at as PointOf<X>, result: inPlace({ at }, () => body(at as PointOf<X>)) })),
})

type AxisColumns<X extends Axes> = { readonly [K in keyof X]: X[K][number] extends number ? Float64 : Utf8 }

/** The tables of all points, one below the other, with a column for each axis in front. */
export const collect = <X extends Axes, Result, C extends Columns>(
  sweep: Sweep<X, Result>,
  pick: (result: Result) => Handle<string, C>,
  name = "collect",
): Handle<"collected", AxisColumns<X> & C> => {
  const tables = sweep.points.map(({ result }) => pick(result))
  return stack.as(name)({ tables }, { points: sweep.points.map(({ at }) => at) }).table as AnyHandle
}

const axisColumns = (points: ReadonlyArray<Point>): Columns =>
  Object.fromEntries(
    Object.entries(points[0] ?? {}).map(([axis, v]) => [axis, typeof v === "number" ? Column.float64 : Column.utf8]),
  )

const label = (value: unknown) =>
  typeof value === "number" || typeof value === "string" ? value : JSON.stringify(value)

/** One table with its point in every row. */
const labelled = (table: Table<any>, point: Point, axes: Columns) => {
  const columns = { ...axes, ...columnsOf(table.arrow) }
  const constant = (axis: string): ReadonlyArray<unknown> =>
    Array.from({ length: table.length }, () => label(point[axis]))
  const values = Object.fromEntries(Object.keys(axes).map((axis) => [axis, constant(axis)]))
  return build("relent/collected", columns, { ...values, ...table.columns })
}

/** What `collect` runs. @reference none: data handling */
export const stack = Stage.make("relent/collect", {
  module: import.meta.url,
  title: "Tables one below the other, with the columns of a sweep's axes",
  parameters: { points: Schema.Array(Schema.Record(Schema.String, Schema.Unknown)) },
  inputs: { tables: Port.many(Port.any()) },
  outputs: { table: Port.computed(({ points }, { tables }) => ({ ...axisColumns(points), ...tables?.[0] })) },
  *run({ parameters: { points }, inputs: { tables } }) {
    const [first, ...rest] = tables.map((table, i) => labelled(table, points[i]!, axisColumns(points)))
    return { table: view(first!.concat(...rest)) }
  },
})
