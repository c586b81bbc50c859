/** Type tests: each expected error is followed by what tsc says there. */
import { Column, type Int32, type Nullable, type Table, TableSchema, type Tensor } from "../src/index.ts"

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- the constraint is the test
const same = <_ extends true>() => {}

const Images = TableSchema.make("x/images", 1, {
  image: Column.tensor("uint8", [28, 28]),
  label: Column.int32,
  note: Column.nullable(Column.utf8),
  mask: Column.nullable(Column.tensor("float32", ["n"])),
  ids: Column.list("int32"),
  words: Column.list("utf8"),
  big: Column.int64,
  ok: Column.bool,
  raw: Column.binary,
})
declare const images: ReturnType<typeof Images.make>
same<
  Same<
    typeof images.columns,
    {
      readonly image: Uint8Array
      readonly label: Int32Array
      readonly note: ReadonlyArray<string | null>
      readonly mask: ReadonlyArray<Float32Array | null>
      readonly ids: ReadonlyArray<Int32Array>
      readonly words: ReadonlyArray<ReadonlyArray<string>>
      readonly big: BigInt64Array
      readonly ok: ReadonlyArray<boolean>
      readonly raw: ReadonlyArray<Uint8Array>
    }
  >
>()
for (const row of images.rows) same<Same<typeof row.mask, Float32Array | null>>()

const Pair = TableSchema.make("x/pair", 1, { x: Column.tensor("float32", ["n"]), label: Column.int32 })
Pair.make({ x: [1, 2], label: [1, 2] })
Pair.make({ x: [[1], [2]], label: Int32Array.of(1, 2) })
Pair.fromRows([{ x: [1], label: 2 }])
// @ts-expect-error Type 'string' is not assignable to type 'number'.
Pair.make({ x: [1, 2], label: ["1", "2"] })
// @ts-expect-error Property 'label' is missing in type '{ x: number[]; }' but required in type ...
Pair.make({ x: [1, 2] })
// @ts-expect-error 'lable' does not exist in type ...
Pair.make({ x: [1, 2], label: [1], lable: [1] })

declare const plain: { readonly label: Int32; readonly x: Tensor<"float32", 1> }
declare const maybe: { readonly label: Nullable<Int32>; readonly x: Nullable<Tensor<"float32", 1>> }
export const fits: typeof maybe = plain
// @ts-expect-error The types of 'label.Value' are incompatible between these types.
//   Type 'number | null' is not assignable to type 'number'.
export const fitsNot: typeof plain = maybe
// @ts-expect-error Type 'Tensor<"float32", 2>' is not assignable to type 'Tensor<"float32", 1>'.
export const rank: Tensor<"float32", 1> = Column.tensor("float32", [2, 2])
// @ts-expect-error Type 'Float64' is not assignable to type 'Int32'.
export const kind: Int32 = Column.float64

declare const wide: Table<{ readonly label: Int32; readonly x: Tensor<"float32", 1> }>
export const narrow: Table<{ readonly label: Int32 }> = wide
declare const any: Table<any>
export const erased: typeof wide = any
