/** Labels as numbers 0 ... classes - 1, and the classes they stand for. */
import { Column, heldColumns, show, type Table, TableSchema } from "@relent/arrow"
import { suggest } from "@relent/named"

/** What each label stands for. */
export const Classes = TableSchema.make("datasets/classes", 1, { label: Column.int32, name: Column.utf8 })
type Known = Table<typeof Classes.columns>

const kinds = ["utf8", "bool", "int32", "int64"]
type Value = string | boolean | number | bigint | null

/** The classes of a column: texts in the order of their characters, numbers in theirs, false before true. */
const classesIn = (values: ReadonlyArray<Value>): Known => {
  const distinct = [...new Set(values)].toSorted((a, b) => (a! < b! ? -1 : 1))
  return Classes.fromRows(distinct.map((value, label) => ({ label, name: String(value) })))
}

export interface Labels {
  readonly label: Int32Array
  readonly classes: Known
  readonly problems: ReadonlyArray<string>
}

/** The labels of a column, by known classes or by its own; or what is wrong with it. */
export const labelsOf = (table: Table<any>, name: string, known: Known | undefined): Labels => {
  const wrong = (problem: string): Labels => ({
    label: new Int32Array(0),
    classes: Classes.fromRows([]),
    problems: [problem],
  })
  const held = heldColumns(table.arrow)
  const column = held[name]
  if (column === undefined) return wrong(`column '${name}' is missing: ${suggest(name, Object.keys(held), "column")}`)
  if (!kinds.includes(column.kind))
    return wrong(`column '${name}' is ${show(column)}, wanted texts, whole numbers or true and false`)
  const values = Array.from(table.columns[name] as ArrayLike<Value>)
  const classes = known ?? classesIn(values.filter((value) => value !== null))
  const labels = new Map(classes.columns.name.map((text, i) => [text, classes.columns.label[i]!]))
  const problems: Array<string> = []
  const label = Int32Array.from(values, (value, row) => {
    const found = value === null ? undefined : labels.get(String(value))
    if (found === undefined)
      problems.push(
        `column '${name}', row ${row}: wanted ${known ? `one of ${[...labels.keys()].slice(0, 10).join(", ")}` : "a class"}, found ${value === null ? "nothing" : JSON.stringify(String(value))}`,
      )
    return found ?? -1
  })
  return { label, classes, problems }
}
