/** A codec turns an Arrow table into the value a stage works with, and back. A table schema is the codec whose value is the table. */
import type * as A from "apache-arrow"
import { Effect } from "effect"
import { build } from "./build.ts"
import { bind, TableMismatch } from "./check.ts"
import type { Columns, Row } from "./column.ts"
import { heldColumns, type Table, view } from "./table.ts"

/** `C` is what a port shows to the compiler: columns, or one opaque column named after a domain object. */
export interface Codec<Name extends string, C, Value> {
  readonly name: Name
  readonly version: number
  readonly columns: Columns
  /** Of a domain object: the kinds it may be. */
  readonly kinds?: ReadonlyArray<string>
  readonly decode: (table: A.Table) => Effect.Effect<Value, TableMismatch>
  readonly encode: (value: Value) => A.Table
  /** Types only. */
  readonly Shape?: C
}

export interface TableSchema<Name extends string, C extends Columns> extends Codec<Name, C, Table<C>> {
  /** A table from whole columns; a tensor column is flat, row after row. Throws `TableMismatch`. */
  readonly make: (data: NoInfer<{ readonly [K in keyof C]: ArrayLike<C[K]["Value"]> | C[K]["View"] }>) => Table<C>
  /** A table from rows. Throws `TableMismatch`. */
  readonly fromRows: (rows: ReadonlyArray<NoInfer<Row<C>>>) => Table<C>
}

export const TableSchema = {
  /** Declares a table: `TableSchema.make("plugin/labelled", 1, { x: Column.tensor("float32", ["features"]), label: Column.int32 })`. */
  make: <const Name extends string, const C extends Columns>(
    name: Name,
    version: number,
    columns: C,
  ): TableSchema<Name, C> => {
    const make = (data: { readonly [column: string]: ArrayLike<unknown> }) =>
      view<C>(build(`${name}@${version}`, columns, data), columns)
    return {
      name,
      version,
      columns,
      decode: (arrow) => {
        const problems = bind(heldColumns(arrow), columns, new Map())
        return problems.length > 0
          ? Effect.fail(new TableMismatch({ schema: name, problems }))
          : Effect.succeed(view<C>(arrow, columns))
      },
      encode: (table) => table.arrow,
      make: make as never,
      fromRows: (rows) =>
        make(Object.fromEntries(Object.keys(columns).map((column) => [column, rows.map((row) => row[column])]))),
    }
  },
}
