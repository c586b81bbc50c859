/** What can be wrong inside a file of the user's. */
import { Data } from "effect"

export interface FileProblem {
  /** From 0, as ids are; the line is that of a text file, from 1. */
  readonly row?: number
  readonly line?: number
  readonly column?: string
  readonly wanted: string
  readonly found: string
}

const told = ({ row, line, column, wanted, found }: FileProblem): string => {
  const place = [
    ...(row === undefined ? [] : [line === undefined ? `row ${row}` : `row ${row} (line ${line})`]),
    ...(row === undefined && line !== undefined ? [`line ${line}`] : []),
    ...(column === undefined ? [] : [`column '${column}'`]),
  ]
  return `${place.length > 0 ? `${place.join(", ")}: ` : ""}wanted ${wanted}, found ${found}`
}

/** Messages of more than this many problems say how many more there are. */
const shown = 5

/** A file that can't become the table it is asked for: every reason, with its place. */
export class FileInvalid extends Data.TaggedError("FileInvalid")<{
  readonly file: string
  readonly problems: ReadonlyArray<FileProblem>
  readonly hint?: string
}> {
  override get message() {
    const more = this.problems.length - shown
    const list = this.problems.slice(0, shown).map(told)
    return `${this.file}: ${list.join("; ")}${more > 0 ? `; and ${more} more like these` : ""}`
  }
}

const listed = (value: object): string =>
  Symbol.iterator in value
    ? `[${Array.from(value as Iterable<unknown>, shownValue).join(", ")}]`
    : JSON.stringify(value)

/** A value as a message shows it. */
export const shownValue = (value: unknown): string => {
  if (value === null || value === undefined) return "nothing"
  const text =
    typeof value === "string" ? JSON.stringify(value) : typeof value === "object" ? listed(value) : `${value as number}`
  return text.length > 60 ? `${text.slice(0, 57)}...` : text
}
