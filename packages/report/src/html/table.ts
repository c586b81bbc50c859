/** Tables in pages; tables of images as galleries. */
import type { TablePart } from "../page.ts"
import { counted } from "../spell.ts"
import type { Cell } from "../table.ts"
import { type Html, html } from "./html.ts"

const [rowsOfPage, imagesOfPage] = [20, 24]

/** Small images are enlarged in whole steps, so that pixels stay pixels. */
const image = (cell: Cell & { readonly kind: "image" }, label: string): Html => {
  const { width, height } = cell.layout
  const scale = Math.max(1, Math.floor(84 / Math.max(width, height)))
  return html`<img
    src="${cell.address}"
    width="${width * scale}"
    height="${height * scale}"
    alt="${label}"
    loading="lazy"
  />`
}

const labelOf = (columns: ReadonlyArray<string>, row: ReadonlyArray<Cell>): string =>
  row
    .flatMap((cell, i) => (cell.kind === "image" || cell.text === "" ? [] : [`${columns[i]!} ${cell.text}`]))
    .join(", ")

const cell = (one: Cell, columns: ReadonlyArray<string>, row: ReadonlyArray<Cell>): Html =>
  one.kind === "image"
    ? html`<td>${image(one, `${one.text}: ${labelOf(columns, row)}`)}</td>`
    : html`<td${one.kind === "number" ? html` class="number"` : undefined}${one.full === undefined ? undefined : html` title="${one.full}"`}>${one.text.includes("\n") ? html`<span class="lines">${one.text}</span>` : one.text}</td>`

const paged = (rows: TablePart["rows"], size: number): ReadonlyArray<TablePart["rows"]> =>
  Array.from({ length: Math.ceil(rows.length / size) }, (_, i) => rows.slice(i * size, (i + 1) * size))

/** The controls of the pages: shown by the script, without which all rows are shown. */
const controls = (name: string, size: number, rows: number): Html =>
  html`<div class="pages" role="group" hidden data-size="${size}" data-rows="${rows}" aria-label="Pages of ${name}">
    <button type="button" class="previous">Previous</button><span aria-live="polite"></span
    ><button type="button" class="next">Next</button>
  </div>`

const gallery = ({ name, columns, rows }: TablePart): Html => {
  const item = (row: ReadonlyArray<Cell>) => {
    const one = row.find((some) => some.kind === "image")
    const label = labelOf(columns, row)
    return html`<li>
      ${one?.kind === "image" && image(one, `${one.text}: ${label}`)}<span aria-hidden="true">${label}</span>
    </li>`
  }
  const pages = paged(rows, imagesOfPage).map(
    (page) =>
      html`<ul class="gallery page">
        ${page.map(item)}
      </ul>`,
  )
  return html`${pages}${pages.length > 1 && controls(name, imagesOfPage, rows.length)}`
}

const grid = ({ name, columns, rows }: TablePart): Html => {
  const pages = paged(rows, rowsOfPage).map(
    (page) =>
      html`<tbody class="page">
        ${page.map(
          (row) =>
            html`<tr>
              ${row.map((one) => cell(one, columns, row))}
            </tr>`,
        )}
      </tbody>`,
  )
  return html`<div class="scroll" tabindex="0" role="group" aria-label="Rows of ${name}">
      <table>
        <thead>
          <tr>
            ${columns.map((column, i) => html`<th scope="col" ${rows[0]?.[i]?.kind === "number" && html` class="number"`}>${column}</th>`)}
          </tr>
        </thead>
        ${pages}
      </table>
    </div>
    ${pages.length > 1 && controls(name, rowsOfPage, rows.length)}`
}

const isGallery = ({ columns, rows }: TablePart): boolean =>
  columns.length <= 6 && rows.length > 0 && rows[0]!.filter(({ kind }) => kind === "image").length === 1

const about = ({ rows, total, gone, kind, outputs }: TablePart): string =>
  [
    rows.length < total ? `${rows.length} of ${counted(total, "row")}` : counted(total, "row"),
    ...(kind === undefined ? [] : [`a ${kind}`]),
    ...(outputs.length > 0 ? [`output of the pipeline${outputs.length === 1 ? `: ${outputs[0]}` : ""}`] : []),
    ...(gone > 0 ? [`${counted(gone, "table")} no longer in the store`] : []),
  ].join("; ")

export const tableHtml = (table: TablePart, id: string, open: boolean): Html =>
  html`<details class="table" id="${id}" ${open && html` open`}>
    <summary>
      <h4>${table.name}</h4>
      <span class="hint">${about(table)}</span>
    </summary>
    <div class="paged">${isGallery(table) ? gallery(table) : grid(table)}</div>
  </details>`
