/** Columns: each declares an Arrow type, the value of one row, and the view of a whole column. */

/** Element types of tensors, and the typed arrays that hold them. */
export interface Buffers {
  readonly float64: Float64Array
  readonly float32: Float32Array
  readonly int32: Int32Array
  readonly uint8: Uint8Array
}
export type Dtype = keyof Buffers
export type ListItem = "int32" | "float32" | "utf8"

/** A dimension is a size, or a name that each use of the schema binds to one size: `["n", "classes"]`. */
export type Dimension = number | string

export interface Column<out Value = unknown, out View = unknown> {
  readonly kind: string
  readonly nullable: boolean
  /** Of a tensor. */
  readonly dtype: Dtype | undefined
  /** Of a tensor: the number of its dimensions. */
  readonly rank: number | undefined
  /** Of a tensor: row-major, without the rows of the table. */
  readonly shape: ReadonlyArray<Dimension> | undefined
  /** Of a list. */
  readonly item: ListItem | undefined
  /** Types only: the value of one row, and the view of a column without nulls. */
  readonly Value: Value
  readonly View: View
}

// One interface a kind of column, because compiler messages print these names.
export interface Bool extends Column<boolean, ReadonlyArray<boolean>> {
  readonly kind: "bool"
}
export interface Int32 extends Column<number, Int32Array> {
  readonly kind: "int32"
}
export interface Int64 extends Column<bigint, BigInt64Array> {
  readonly kind: "int64"
}
export interface Float32 extends Column<number, Float32Array> {
  readonly kind: "float32"
}
export interface Float64 extends Column<number, Float64Array> {
  readonly kind: "float64"
}
export interface Utf8 extends Column<string, ReadonlyArray<string>> {
  readonly kind: "utf8"
}
export interface Binary extends Column<Uint8Array, ReadonlyArray<Uint8Array>> {
  readonly kind: "binary"
}
/** A tensor a row; the view of a column is its rows one after the other. */
export interface Tensor<D extends Dtype, Rank extends number> extends Column<Buffers[D], Buffers[D]> {
  readonly kind: "tensor"
  readonly dtype: D
  readonly rank: Rank
}
type Items = { readonly int32: Int32Array; readonly float32: Float32Array; readonly utf8: ReadonlyArray<string> }
export interface List<I extends ListItem> extends Column<Items[I], ReadonlyArray<Items[I]>> {
  readonly kind: "list"
  readonly item: I
}
/** Some rows may be null. A column without nulls fits where a nullable one is wanted. */
export interface Nullable<C extends Column> extends Column<C["Value"] | null, C["View"]> {
  readonly kind: C["kind"]
  readonly dtype: C["dtype"]
  readonly rank: C["rank"]
  readonly item: C["item"]
}

export type Columns = { readonly [name: string]: Column }
export type Row<C extends Columns> = { readonly [K in keyof C]: C[K]["Value"] }
/** A whole column: `C["View"]`, or a value or null for each row. */
export type View<C extends Column> = 0 extends 1 & C
  ? any
  : null extends C["Value"]
    ? ReadonlyArray<C["Value"]>
    : C["View"]
export type Views<C extends Columns> = { readonly [K in keyof C]: View<C[K]> }

/** A column of whatever kind; the typed constructors are in `Column`. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the caller names the kind it makes
export const makeColumn = <C extends Column>(fields: Partial<Column> & { readonly kind: string }): C =>
  ({ nullable: false, dtype: undefined, rank: undefined, shape: undefined, item: undefined, ...fields }) as unknown as C

export const Column = {
  bool: makeColumn<Bool>({ kind: "bool" }),
  int32: makeColumn<Int32>({ kind: "int32" }),
  int64: makeColumn<Int64>({ kind: "int64" }),
  float32: makeColumn<Float32>({ kind: "float32" }),
  float64: makeColumn<Float64>({ kind: "float64" }),
  utf8: makeColumn<Utf8>({ kind: "utf8" }),
  binary: makeColumn<Binary>({ kind: "binary" }),
  /** A tensor a row: `arrow.fixed_shape_tensor` on disk; the type knows dtype and rank, a plan the sizes. */
  tensor: <D extends Dtype, const Shape extends ReadonlyArray<Dimension>>(
    dtype: D,
    shape: Shape,
  ): Tensor<D, Shape["length"]> => makeColumn({ kind: "tensor", dtype, shape, rank: shape.length }),
  list: <I extends ListItem>(item: I): List<I> => makeColumn({ kind: "list", item }),
  /** A column whose rows may be absent: `null` in views. */
  nullable: <C extends Column>(column: C): Nullable<C> => makeColumn({ ...column, nullable: true }),
}

export const typedArrays = {
  float64: Float64Array,
  float32: Float32Array,
  int32: Int32Array,
  uint8: Uint8Array,
} as const

/** Whether Arrow has the type and relent doesn't: such a column is kept and shown, but not stored. */
export const isForeign = ({ kind }: Column): boolean => kind.startsWith("Arrow ")

/** Ends the kind of a column whose lists or tensors have elements without a value: its views would show zeros. */
export const nullsInside = " with nulls inside its rows"

/** The number of elements of a shape whose dimensions are all sizes; 1 for a scalar. */
export const product = (shape: ReadonlyArray<Dimension>): number =>
  shape.reduce<number>((n, size) => n * Number(size), 1)

/** A column as a message writes it: `tensor float32[28, 28]`. */
export const show = ({ kind, dtype, shape, item, nullable }: Column): string => {
  const type = shape ? `tensor ${dtype}[${shape.join(", ")}]` : kind === "list" ? `list of ${item}` : kind
  return nullable ? `nullable ${type}` : type
}
