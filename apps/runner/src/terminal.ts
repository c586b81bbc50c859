/** What a terminal shows: colour where it is wanted, tables, and text from data made harmless. */
import { styleText } from "node:util"

const plain = (process.env["NO_COLOR"] ?? "") !== "" || process.env["TERM"] === "dumb"

/** Colour, unless NO_COLOR is set or the output is no terminal. */
export const paint = (
  style: Parameters<typeof styleText>[0],
  text: string,
  stream: NodeJS.WriteStream = process.stdout,
) => (plain || !stream.isTTY ? text : styleText(style, text, { validateStream: false }))

/** Control characters, and those that turn the direction of writing. */
const control = /[\p{Cc}\p{Bidi_Control}]/gu

/** Text that comes from data, without control characters. */
export const clean = (text: string): string => text.replaceAll(control, "\u00b7")

/** The same, of several lines. */
export const cleanLines = (text: string): string => text.replaceAll(control, (it) => (it === "\n" ? it : "\u00b7"))

/** One line of JSON, in which such characters are escaped as JSON does it: what reads it gets what there is. */
export const jsonText = (value: unknown): string =>
  JSON.stringify(value).replaceAll(control, (it) => `\\u${it.charCodeAt(0).toString(16).padStart(4, "0")}`)

/** Text that is too long without its middle: the ends tell most. */
export const clip = (text: string, width: number): string => {
  if (text.length <= width) return text
  const end = Math.floor((width - 1) / 2)
  return width < 2 ? text.slice(0, width) : `${text.slice(0, width - 1 - end)}…${text.slice(text.length - end)}`
}

const number = (value: number) =>
  Number.isInteger(value)
    ? String(value)
    : Math.abs(value) >= 1e-3 && Math.abs(value) < 1e6
      ? value.toPrecision(5)
      : value.toExponential(3)

/** A cell of a table, at most so wide. */
export const cell = (value: unknown, width = 72): string => {
  const text =
    typeof value === "number"
      ? number(value)
      : ArrayBuffer.isView(value) || Array.isArray(value)
        ? `[${Array.from(value as ArrayLike<unknown>, (v) => cell(v))
            .slice(0, 6)
            .join(" ")}${(value as ArrayLike<unknown>).length > 6 ? " ..." : ""}]`
        : typeof value === "string"
          ? value
          : typeof value === "bigint"
            ? String(value)
            : JSON.stringify(value)
  const safe = clean(text)
  return safe.length > width ? `${safe.slice(0, width - 3)}...` : safe
}

/** Rows in columns, numbers to the right. */
export const tableText = (
  head: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<unknown>>,
  width = 72,
): string => {
  const titles = head.map((title) => cell(title, width))
  const cells = rows.map((row) => row.map((value) => cell(value, width)))
  const widths = titles.map((title, i) => Math.max(title.length, ...cells.map((row) => row[i]!.length)))
  const isNumber = head.map((_, i) => rows.every((row) => typeof row[i] === "number"))
  const line = (row: ReadonlyArray<string>) =>
    row
      .map((text, i) => (isNumber[i] === true ? text.padStart(widths[i]!) : text.padEnd(widths[i]!)))
      .join("  ")
      .trimEnd()
  return [paint("bold", line(titles)), ...cells.map(line)].join("\n")
}

/** `1.2 s`, `3 min 05 s`. */
export const duration = (milliseconds: number): string => {
  if (milliseconds < 1000) return `${Math.round(milliseconds)} ms`
  const seconds = milliseconds / 1000
  if (seconds < 100) return `${seconds.toFixed(1)} s`
  return `${Math.floor(seconds / 60)} min ${String(Math.round(seconds % 60)).padStart(2, "0")} s`
}

/** `1 row`, `20 rows`. */
export const rowCount = (rows: number): string => (rows === 1 ? "1 row" : `${rows} rows`)
