/** Numeric columns as features, one number a row each; a tensor column gives one for each element. */
import { type Column, type Columns, heldColumns, product, show, type Table } from "@relent/arrow"
import { suggest } from "@relent/named"

export interface Feature {
  /** `age`, or `embedding[3]` of a tensor. */
  readonly name: string
  readonly at: (row: number) => number
}

const numeric = ["bool", "int32", "int64", "float32", "float64", "tensor"]

/** Features in one column: its elements; undefined for a column that isn't numbers, or of unknown size. */
export const widthOf = (column: Column | undefined): number | undefined => {
  if (column === undefined || !numeric.includes(column.kind)) return undefined
  const width = column.shape ? product(column.shape) : 1
  return Number.isNaN(width) ? undefined : width
}

/** All numeric columns but the id and the label. */
const numericColumns = (columns: Columns, label: string | undefined): ReadonlyArray<string> =>
  Object.keys(columns).filter((name) => name !== "id" && name !== label && widthOf(columns[name]) !== undefined)

const readerOf = (values: ArrayLike<unknown>, width: number, k: number) => {
  if (ArrayBuffer.isView(values) && !(values instanceof BigInt64Array)) {
    const numbers = values as Float32Array
    return (row: number) => numbers[row * width + k]!
  }
  return (row: number) => Number(values[row])
}

/** The features of these columns, by default of all that are numbers; or what is wrong with them. */
export const featuresOf = (
  table: Table<any>,
  names: ReadonlyArray<string> | undefined,
  label: string | undefined,
): { readonly features: ReadonlyArray<Feature>; readonly problems: ReadonlyArray<string> } => {
  const held = heldColumns(table.arrow)
  const chosen = names ?? numericColumns(held, label)
  const problems: Array<string> = chosen.length === 0 ? ["there is no column of numbers"] : []
  const features = chosen.flatMap((name): ReadonlyArray<Feature> => {
    const column = held[name]
    const width = widthOf(column)
    if (column === undefined)
      problems.push(`column '${name}' is missing: ${suggest(name, Object.keys(held), "column")}`)
    else if (width === undefined) {
      const first = table.length > 0 ? `: row 0 is ${JSON.stringify(table.columns[name][0]) ?? "nothing"}` : ""
      problems.push(`column '${name}' is ${show(column)}, wanted numbers${first}`)
    } else if (column.nullable)
      problems.push(
        `column '${name}', row ${Array.from(table.columns[name] as ArrayLike<unknown>).indexOf(null)}: wanted a number, found nothing`,
      )
    else
      return Array.from({ length: width }, (_, k) => ({
        name: column.shape ? `${name}[${k}]` : name,
        at: readerOf(table.columns[name], width, k),
      }))
    return []
  })
  return { features, problems }
}
