/** A codec turns an Arrow table into the value a stage works with, and back. A table schema is the codec whose value is the table. */
import type * as A from "apache-arrow"
import { Effect } from "effect"
import { build } from "./build.ts"
import { bind, TableMismatch } from "./check.ts"
import type { Column, Columns, Tensor } from "./column.ts"
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

type Loose<Value> =
  Value extends ReadonlyArray<string> ? ArrayLike<string> : Value extends ArrayLike<number> ? ArrayLike<number> : Value

/** What a column is built from: its view, a value for each row, or the elements of a tensor column flat. */
export type Given<C extends Column> = 0 extends 1 & C
  ? any
  : C extends Tensor<any, any>
    ? ArrayLike<number> | ArrayLike<ArrayLike<number>>
    : C["View"] | ArrayLike<Loose<C["Value"]>>

/** What the data alone may not tell. */
export interface BuildOptions {
  /** Sizes of named dimensions, where there are no rows or several unknown dimensions in one column. */
  readonly sizes?: { readonly [dimension: string]: number }
  /** Metadata of the Arrow schema. */
  readonly metadata?: { readonly [key: string]: string }
}

export interface TableSchema<Name extends string, C extends Columns> extends Codec<Name, C, Table<C>> {
  readonly columns: C
  /**
   * A table from whole columns; typed arrays of the right type are adopted, so don't write to them afterwards.
   * Throws `TableMismatch` for missing columns, different lengths and values out of range; see `TableMismatch.attempt`.
   */
  readonly make: (data: NoInfer<{ readonly [K in keyof C]: Given<C[K]> }>, options?: BuildOptions) => Table<C>
  /** A table from rows; otherwise as `make`. */
  readonly fromRows: (
    rows: ReadonlyArray<NoInfer<{ readonly [K in keyof C]: Loose<C[K]["Value"]> }>>,
    options?: BuildOptions,
  ) => Table<C>
}

export const TableSchema = {
  /**
   * Declares a table.
   *
   * ```ts example
   * import { Column, TableSchema } from "@relent/arrow"
   * const Labelled = TableSchema.make("example/labelled", 1, { x: Column.tensor("float32", ["features"]), label: Column.int32 })
   * const table = Labelled.make({ x: [0.5, 1, 1.5, 2], label: [0, 1] })
   * table.columns.label // => Int32Array.of(0, 1)
   * Array.from(table.rows)[1] // => { x: Float32Array.of(1.5, 2), label: 1 }
   * ```
   */
  make: <const Name extends string, const C extends Columns>(
    name: Name,
    version: number,
    columns: C,
  ): TableSchema<Name, C> => {
    const make = (
      data: { readonly [column: string]: ArrayLike<unknown> },
      { sizes = {}, metadata = {} }: BuildOptions = {},
    ) => view<C>(build(`${name}@${version}`, columns, data, metadata, new Map(Object.entries(sizes))), columns)
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
      fromRows: (rows, options) => {
        const column = (key: string) => [key, rows.map((row) => (row as Record<string, unknown>)[key])] as const
        return make(Object.fromEntries(Object.keys(columns).map(column)), options)
      },
    }
  },
}
