/** The table "what trains on which backend" of `docs/backends.md`: what tests expect, and what they write with RELENT_WRITE_DOCS=1. */
import { readFileSync, writeFileSync } from "node:fs"
import { backendNames, type BackendName } from "@relent/tensor"
import { layers } from "./layer-examples.ts"

const file = new URL("../../../docs/backends.md", import.meta.url)
const begin = "<!-- what trains: written by packages/nn/test/layers.test.ts -->\n"
const end = "<!-- /what trains -->"

/** What nobody has waited for: a card in software takes many minutes for the largest. */
export const untried = "not tried"

/** Tests write the table instead of comparing with it. */
export const isWriting = process.env["RELENT_WRITE_DOCS"] === "1"

const parts = (): readonly [before: string, table: string, after: string] => {
  const text = readFileSync(file, "utf8")
  const [from, to] = [text.indexOf(begin) + begin.length, text.indexOf(end)]
  return [text.slice(0, from), text.slice(from, to), text.slice(to)]
}

type Cells = { readonly [layer: string]: { readonly [backend: string]: string } }

const cellsOf = (table: string): Cells => {
  const rows = table
    .split("\n")
    .filter((line) => line.startsWith("|"))
    .map((line) =>
      line
        .split("|")
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )
  const [head = [], , ...body] = rows
  return Object.fromEntries(
    body.map(([layer, ...cells]) => [layer!, Object.fromEntries(cells.map((cell, i) => [head[i + 1]!, cell]))]),
  )
}

/** The table as it is committed. */
export const committed: Cells = cellsOf(parts()[1])

const tableOf = (cells: Cells): string => {
  const line = (row: ReadonlyArray<string>) => `| ${row.join(" | ")} |\n`
  const rows = Object.keys(layers).map((layer) => [
    layer,
    ...backendNames.map((name) => cells[layer]?.[name] ?? untried),
  ])
  return [["layer", ...backendNames], ["---", ...backendNames.map(() => "---")], ...rows].map(line).join("")
}

/** What is expected of a layer: `yes`, or why it doesn't train. While the table is written that is what was found. */
export const expected = (backend: BackendName, layer: string, found: string): string | undefined => {
  if (!isWriting) return committed[layer]?.[backend]
  const [before, table, after] = parts()
  const cells = cellsOf(table)
  const next = { ...cells, [layer]: { ...cells[layer], [backend]: found } }
  writeFileSync(file, `${before}${tableOf(next)}${after}`)
  return found
}
