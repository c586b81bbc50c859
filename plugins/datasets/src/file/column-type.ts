/** Column types as parameters write them: the words that `relent table --schema` prints. */
import { Column, type Dtype, type ListItem, typedArrays } from "@relent/arrow"
import { suggest } from "@relent/named"
import { Schema } from "effect"

const plain: { readonly [kind: string]: Column } = {
  bool: Column.bool,
  int32: Column.int32,
  int64: Column.int64,
  float32: Column.float32,
  float64: Column.float64,
  utf8: Column.utf8,
  binary: Column.binary,
}
const items: ReadonlyArray<string> = ["int32", "float32", "utf8"] satisfies ReadonlyArray<ListItem>

/** The column that a text such as `nullable float64`, `list of utf8` or `tensor float32[2, 3]` means; else undefined. */
export const parseColumn = (text: string): Column | undefined => {
  const [, nullable, type] = /^(nullable )?(.*)$/s.exec(text)!
  const list = /^list of (\w+)$/.exec(type!)?.[1]
  const [, dtype, shape] = /^tensor (\w+)\[(\d+(?:, ?\d+)*|)\]$/.exec(type!) ?? []
  const column =
    list !== undefined && items.includes(list)
      ? Column.list(list as ListItem)
      : dtype !== undefined && Object.hasOwn(typedArrays, dtype)
        ? Column.tensor(dtype as Dtype, shape === "" ? [] : shape!.split(",").map(Number))
        : Object.hasOwn(plain, type!)
          ? plain[type!]
          : undefined
  return column && nullable ? Column.nullable(column) : column
}

const examples = [...Object.keys(plain), "list of float32", "tensor float32[2, 3]", "nullable float64"]

export const ColumnType = Schema.String.check(
  Schema.makeFilter((text) => parseColumn(text) !== undefined || `no column type: ${suggest(text, examples, "type")}`),
)
