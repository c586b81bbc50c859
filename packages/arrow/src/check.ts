/** Whether columns that are there are those that are wanted. */
import { Data, Effect } from "effect"
import { type Column, type Columns, nullsInside, show } from "./column.ts"

/** A table isn't what a schema says: every reason, each naming its column. */
export class TableMismatch extends Data.TaggedError("TableMismatch")<{
  readonly schema: string
  readonly problems: ReadonlyArray<string>
}> {
  override get message() {
    return `not a table of ${this.schema}: ${this.problems.join("; ")}`
  }

  /**
   * Runs code that throws a `TableMismatch`, such as `make` on a user's data, as an Effect that fails with it. Where
   * the data can be wrong by a bug only, call `make` alone: what it throws is then a defect.
   */
  static readonly attempt = <A>(run: () => A): Effect.Effect<A, TableMismatch> =>
    Effect.suspend(() => {
      try {
        return Effect.succeed(run())
      } catch (error) {
        return error instanceof TableMismatch ? Effect.fail(error) : Effect.die(error)
      }
    })
}

/** Sizes that names of dimensions were bound to. */
export type Sizes = Map<string, number>

const pyarrow: { readonly [kind: string]: string } = {
  bool: "pa.bool_()",
  int32: "pa.int32()",
  int64: "pa.int64()",
  float32: "pa.float32()",
  float64: "pa.float64()",
  utf8: "pa.string()",
  binary: "pa.binary()",
}

/** How to bring a column of another type to the wanted one. */
const remedy = (actual: Column, wanted: Column): string => {
  if (actual.kind.endsWith(nullsInside)) return "; fill them, or drop these rows"
  if (wanted.shape) return actual.dtype === wanted.dtype ? "" : `; make it a row-major FixedSizeList of ${wanted.dtype}`
  const type = wanted.item === undefined ? pyarrow[wanted.kind] : `pa.list_(${pyarrow[wanted.item]})`
  return `; cast it to ${show({ ...wanted, nullable: false })} (pyarrow: column.cast(${type}))`
}

/** Why a column holding `actual` can't be read as `wanted`; undefined when it can. */
export const mismatch = (actual: Column | undefined, wanted: Column): string | undefined => {
  if (actual === undefined) return `is missing (${show(wanted)})`
  const sameType =
    actual.kind === wanted.kind &&
    actual.dtype === wanted.dtype &&
    actual.item === wanted.item &&
    actual.shape?.length === wanted.shape?.length
  if (!sameType) return `is ${show(actual)}, wanted ${show(wanted)}${remedy(actual, wanted)}`
  return actual.nullable && !wanted.nullable ? "holds nulls, and may not" : undefined
}

/**
 * Binds each named dimension of `wanted` to the size in `actual`, and tells all that doesn't fit.
 * A dimension of `actual` that is itself a name is not known yet and fits.
 */
export const bind = (actual: Columns, wanted: Columns, sizes: Sizes): ReadonlyArray<string> => {
  const problems: Array<string> = []
  for (const [name, column] of Object.entries(wanted)) {
    const found = Object.hasOwn(actual, name) ? actual[name] : undefined
    const problem = mismatch(found, column)
    if (problem !== undefined) {
      problems.push(`column '${name}' ${problem}`)
      continue
    }
    column.shape?.forEach((dimension, axis) => {
      const size = found!.shape![axis]!
      if (typeof size === "string") return
      const bound = typeof dimension === "number" ? dimension : sizes.get(dimension)
      if (bound === undefined) sizes.set(String(dimension), size)
      else if (bound !== size)
        problems.push(
          typeof dimension === "number"
            ? `column '${name}': dimension ${axis} is ${size}, wanted ${dimension}`
            : `column '${name}': dimension '${dimension}' is ${size}, elsewhere ${bound}`,
        )
    })
  }
  return problems
}

/** The columns with every dimension that is bound replaced by its size. */
export const resolve = (columns: Columns, sizes: Sizes): Columns =>
  Object.fromEntries(
    Object.entries(columns).map(([name, column]) => [
      name,
      column.shape
        ? { ...column, shape: column.shape.map((d) => (typeof d === "string" ? (sizes.get(d) ?? d) : d)) }
        : column,
    ]),
  )
