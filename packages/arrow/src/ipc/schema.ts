/** Checks that a schema means something: types that relent reads, sizes that are, units that exist, children that a type has. */
import * as A from "apache-arrow"
import { tensorProblem } from "../field.ts"
import { Malformed } from "./flatbuffer.ts"
import { expectedLayout } from "./layout.ts"

/** Digits that a decimal of so many bits holds. */
const digits: { readonly [bits: number]: number } = { 32: 9, 64: 18, 128: 38, 256: 76 }

const isUnit = (unit: A.TimeUnit, least = A.TimeUnit.SECOND, most = A.TimeUnit.NANOSECOND) =>
  unit >= least && unit <= most

const isSound = (type: A.DataType): boolean => {
  const T = A.DataType
  const children = (type.children as ReadonlyArray<A.Field> | null) ?? []
  if (T.isInt(type)) return [8, 16, 32, 64].includes(type.bitWidth)
  if (T.isFloat(type)) return type.precision in A.Precision
  if (T.isDecimal(type)) return type.precision >= 1 && type.precision <= (digits[type.bitWidth] ?? 0)
  if (T.isDate(type)) return type.unit in A.DateUnit
  if (T.isTime(type))
    return type.bitWidth === 32
      ? isUnit(type.unit, A.TimeUnit.SECOND, A.TimeUnit.MILLISECOND)
      : type.bitWidth === 64 && isUnit(type.unit, A.TimeUnit.MICROSECOND)
  if (T.isTimestamp(type) || T.isDuration(type)) return isUnit(type.unit)
  if (T.isInterval(type)) return type.unit in A.IntervalUnit
  if (T.isFixedSizeBinary(type)) return type.byteWidth >= 0
  if (T.isFixedSizeList(type)) return type.listSize >= 0 && children.length === 1
  if (T.isMap(type)) {
    const entries = children[0]?.type
    return children.length === 1 && T.isStruct(entries) && entries.children.length === 2
  }
  return T.isStruct(type) || T.isUnion(type) || !T.isList(type) || children.length === 1
}

/** Throws `Malformed`, which names the column. */
export const checkSchema = ({ fields }: A.Schema): void => {
  const visit = (column: string, { type }: A.Field): void => {
    const own = A.DataType.isDictionary(type) ? [type.indices, type.dictionary] : [type]
    if (!own.every(isSound)) throw new Malformed(`column '${column}' is of no sound type: ${String(type)}`)
    const children = own.flatMap((one: A.DataType) => (one.children as ReadonlyArray<A.Field> | null) ?? [])
    for (const child of children) {
      check(column, child)
      visit(column, child)
    }
  }
  const check = (column: string, field: A.Field) => {
    const problem = tensorProblem(field)
    if (problem !== undefined) throw new Malformed(`column '${column}' is a tensor ${problem}`)
  }
  expectedLayout(fields)
  const names = new Set<string>()
  for (const field of fields) {
    if (names.has(field.name))
      throw new Malformed(`column '${field.name}' is there twice`, "give each a name of its own")
    names.add(field.name)
    if (typeof field.name !== "string") throw new Malformed("a column has no name")
    check(field.name, field)
    visit(field.name, field)
  }
}
