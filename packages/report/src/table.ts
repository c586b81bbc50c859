/** Tables as the page shows them: the points of a sweep under one another, a cell a text or an image. */
import { type Column, columnsOf, view } from "@relent/arrow"
import type { Table } from "apache-arrow"
import { type Layout, layoutOf, pngOf } from "./image.ts"
import { digits, spell } from "./spell.ts"
import { axesOf } from "./steps.ts"

/** A table of a step at a point of a sweep. */
export interface PointTable {
  readonly at: { readonly [axis: string]: unknown }
  readonly table: Table
}

export type Cell =
  | { readonly kind: "text" | "number"; readonly text: string; readonly full?: string }
  | { readonly kind: "image"; readonly address: string; readonly text: string; readonly layout: Layout }

export interface ShownTable {
  readonly columns: ReadonlyArray<string>
  readonly rows: ReadonlyArray<ReadonlyArray<Cell>>
  /** What kind of object the table is, where it holds no rows of data: `nn/mlp`. */
  readonly kind?: string
}

/** Longer texts are cut. */
const longest = 1200

const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text)

const listText = (values: ArrayLike<unknown>): string => {
  const shown = Array.from({ length: Math.min(values.length, 8) }, (_, i) => textOf(values[i]))
  return `[${shown.join(" ")}${values.length > shown.length ? ` … ${values.length}` : ""}]`
}

const textOf = (value: unknown): string => {
  if (value === null || value === undefined) return ""
  if (typeof value === "number") return digits(value)
  if (ArrayBuffer.isView(value) || Array.isArray(value)) return listText(value as unknown as ArrayLike<unknown>)
  return spell(value)
}

/** One cell; a number that is shown with fewer digits keeps the others for who points at it. */
const cellOf = (value: unknown, column: Column | undefined, layout: Layout | undefined): Cell => {
  if (layout !== undefined && value !== null)
    return {
      kind: "image",
      address: pngOf(value as ArrayLike<number>, layout),
      text: `image of ${layout.width} by ${layout.height}`,
      layout,
    }
  if (column?.kind === "binary" && value !== null)
    return { kind: "text", text: `${(value as Uint8Array).byteLength} bytes` }
  const text = cut(textOf(value))
  if (typeof value !== "number" && typeof value !== "bigint") return { kind: "text", text }
  const full = String(value)
  return { kind: "number", text, ...(full.replaceAll("-", "−") !== text && { full }) }
}

/** The first rows of these tables, at most so many; the axes in which the points differ become columns, unless they are there. */
export const shownTable = (points: ReadonlyArray<PointTable>, most: number): ShownTable => {
  const fields = new Map(points.flatMap(({ table }) => Object.entries(columnsOf(table))))
  const axes = axesOf(points.map(({ at }) => at)).filter((axis) => !fields.has(axis))
  const layouts = new Map([...fields].map(([name, column]) => [name, layoutOf(name, column)]))
  const rows: Array<ReadonlyArray<Cell>> = []
  // Of each point its share, so that none is missing.
  const share = Math.max(1, Math.floor(most / Math.max(1, points.length)))
  for (const { at, table } of points) {
    if (rows.length >= most) break
    for (const row of view(table.slice(0, points.length === 1 ? most : share)).rows) {
      const own: Readonly<Record<string, unknown>> = row
      rows.push([
        ...axes.map((axis) =>
          cellOf(typeof at[axis] === "number" ? at[axis] : spell(at[axis] ?? ""), undefined, undefined),
        ),
        ...[...fields].map(([name, column]) => cellOf(own[name], column, name in own ? layouts.get(name) : undefined)),
      ])
    }
  }
  const kind = points[0]?.table.schema.metadata.get("relent:kind")
  return { columns: [...axes, ...fields.keys()], rows, ...(kind !== undefined && { kind }) }
}
