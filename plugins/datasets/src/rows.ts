/** Rows of any table, by their numbers. */
import { columnsOf, type Columns, product, type Table, build, view } from "@relent/arrow"

/** A table of these rows, in this order, with the schema of the given one. */
export const pickRows = (table: Table<any>, rows: Int32Array): Table<any> => {
  const columns: Columns = columnsOf(table.arrow)
  const data: Record<string, ArrayLike<unknown>> = {}
  for (const [name, column] of Object.entries(columns)) {
    const values = table.columns[name] as Float32Array
    const size = column.shape && !column.nullable ? product(column.shape) : 1
    if (ArrayBuffer.isView(values)) {
      const picked = new (values.constructor as typeof Float32Array)(rows.length * size)
      rows.forEach((row, i) => picked.set(values.subarray(row * size, (row + 1) * size), i * size))
      data[name] = picked
    } else data[name] = Array.from(rows, (row) => (values as ReadonlyArray<unknown>)[row])
  }
  const { metadata } = table.arrow.schema
  return view(build(metadata.get("relent:schema") ?? "rows", columns, data, Object.fromEntries(metadata)))
}
