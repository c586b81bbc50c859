/** Between declared columns and Arrow fields. */
import * as A from "apache-arrow"
import { type Column, type Columns, type Dtype, type ListItem, makeColumn, product } from "./column.ts"

const extensionName = "ARROW:extension:name"
const extensionMetadata = "ARROW:extension:metadata"
const tensorExtension = "arrow.fixed_shape_tensor"

const elements: { readonly [type: string]: () => A.DataType } = {
  bool: () => new A.Bool(),
  int32: () => new A.Int32(),
  int64: () => new A.Int64(),
  float32: () => new A.Float32(),
  float64: () => new A.Float64(),
  utf8: () => new A.Utf8(),
  binary: () => new A.Binary(),
  uint8: () => new A.Uint8(),
}

const item = (type: string) => new A.Field("item", elements[type]!(), false)

/** The Arrow field of a column whose dimensions are all sizes. */
export const fieldOf = (name: string, column: Column): A.Field => {
  const { kind, nullable } = column
  if (kind === "list") return new A.Field(name, new A.List(item(column.item!)), nullable)
  if (column.shape === undefined) return new A.Field(name, elements[kind]!(), nullable)
  const metadata = new Map([
    [extensionName, tensorExtension],
    [extensionMetadata, JSON.stringify({ shape: column.shape })],
  ])
  return new A.Field(name, new A.FixedSizeList(product(column.shape), item(column.dtype!)), nullable, metadata)
}

const dtypes: { readonly [arrow: string]: Dtype } = {
  Float64: "float64",
  Float32: "float32",
  Int32: "int32",
  Uint8: "uint8",
}
const kinds: { readonly [arrow: string]: string } = {
  Bool: "bool",
  Int32: "int32",
  Int64: "int64",
  Float32: "float32",
  Float64: "float64",
  Utf8: "utf8",
  Binary: "binary",
}

interface TensorMetadata {
  readonly shape?: unknown
  /** The order of dimensions in memory, if it isn't row-major. */
  readonly permutation?: unknown
}

/** The extension's metadata, as far as it is any. */
const tensorMetadata = (field: A.Field): TensorMetadata => {
  try {
    const parsed: unknown = JSON.parse(field.metadata.get(extensionMetadata) ?? "{}")
    return typeof parsed === "object" && parsed !== null ? parsed : {}
  } catch {
    return {}
  }
}

const isShape = (shape: unknown): shape is ReadonlyArray<number> =>
  Array.isArray(shape) && shape.every((d) => Number.isInteger(d) && d >= 0)

/** What a tensor's metadata say that its storage doesn't hold, as the end of a sentence; undefined where both agree, and for other fields. */
export const tensorProblem = (field: A.Field): string | undefined => {
  if (field.metadata.get(extensionName) !== tensorExtension) return undefined
  const { shape, permutation } = tensorMetadata(field)
  if (!A.DataType.isFixedSizeList(field.type)) return `that lies in ${String(field.type)}`
  if (!isShape(shape)) return "without a shape"
  if (product(shape) !== field.type.listSize)
    return `of shape [${shape.join(", ")}] that has ${field.type.listSize} elements`
  const order = permutation === undefined || permutation === null ? shape.map((_, axis) => axis) : permutation
  return isShape(order) && order.length === shape.length && order.every((_, axis) => order.includes(axis))
    ? undefined
    : "whose dimensions have no order"
}

const isRowMajor = ({ permutation }: TensorMetadata): boolean =>
  !Array.isArray(permutation) || permutation.every((axis, i) => axis === i)

/** The shape in the metadata where it is one and fits the storage; else one dimension. */
const shapeOf = ({ shape }: TensorMetadata, listSize: number): ReadonlyArray<number> =>
  isShape(shape) && product(shape) === listSize ? shape : [listSize]

/** What a column of a table really holds, sizes included; types that relent doesn't use keep Arrow's name for them. */
export const columnOf = (field: A.Field): Column => {
  const { type, nullable } = field
  const foreign = () => makeColumn({ kind: `Arrow ${String(type)}`, nullable })
  if (A.DataType.isFixedSizeList(type)) {
    const element = type.children[0]
    const dtype = dtypes[String(element?.type)]
    if (dtype === undefined) return foreign()
    const metadata = tensorMetadata(field)
    if (!isRowMajor(metadata)) return makeColumn({ kind: `Arrow ${tensorExtension} that isn't row-major`, nullable })
    const shape = shapeOf(metadata, type.listSize)
    return makeColumn({ kind: "tensor", nullable, dtype, shape, rank: shape.length })
  }
  if (A.DataType.isList(type)) {
    const element = String(type.children[0]?.type).toLowerCase()
    return ["int32", "float32", "utf8"].includes(element)
      ? makeColumn({ kind: "list", nullable, item: element as ListItem })
      : foreign()
  }
  const kind = kinds[String(type)]
  return kind === undefined ? foreign() : makeColumn({ kind, nullable })
}

export const columnsOf = (table: { readonly schema: A.Schema }): Columns =>
  Object.fromEntries(table.schema.fields.map((field) => [field.name, columnOf(field)]))
