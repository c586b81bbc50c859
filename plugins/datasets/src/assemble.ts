/** Columns of any table as examples: features, and labels. */
import { build, Column, type Columns, heldColumns, show, type Table, view } from "@relent/arrow"
import { orElse } from "@relent/named"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { featuresOf, widthOf } from "./assemble/features.ts"
import { Classes, labelsOf } from "./assemble/labels.ts"
import { stopAt } from "./assemble/problems.ts"
import { apply, measure, misfit, Standardisation, unchanged } from "./assemble/standardisation.ts"

/** The width of `x` where it is known before the table is. */
const plannedWidth = (names: ReadonlyArray<string> | undefined, columns: Columns): number | string => {
  const widths = (names ?? []).map((name) => widthOf(columns[name]))
  return widths.length > 0 && !widths.includes(undefined)
    ? widths.reduce<number>((n, width) => n + width!, 0)
    : "features"
}

/** The ids of a table's rows, or their numbers where it has none. */
const idsOf = (table: Table<any>): Effect.Effect<Int32Array, StageError> => {
  const column = heldColumns(table.arrow)["id"]
  if (column === undefined) return Effect.succeed(Int32Array.from({ length: table.length }, (_, i) => i))
  if (column.kind !== "int32" || column.nullable)
    return Effect.fail(
      new StageError({ message: `column 'id' is ${show(column)}, wanted int32`, hint: "rows are joined by it" }),
    )
  const ids = table.columns["id"] as Int32Array
  const places = new Map<number, number>()
  for (const [row, id] of ids.entries()) {
    const before = places.get(id)
    if (before !== undefined)
      return Effect.fail(
        new StageError({
          message: `rows ${before} and ${row} have the id ${id}`,
          hint: "rows are joined by it: give each its own",
        }),
      )
    places.set(id, row)
  }
  return Effect.succeed(ids)
}

/**
 * Makes examples: `x`, float32, holds the columns `features` in their order (a tensor column with all its elements), `label`
 * the classes of a column as int32. With `standardise` each feature has mean 0 and deviation 1; what was measured, and the
 * classes, are tables: given back as inputs they make new data the same way, so nothing of a test set is measured.
 * Missing and infinite values, and classes that aren't known, are errors that name column and row.
 *
 * @reference none: data handling
 */
export const assemble = Stage.make("datasets/assemble", {
  module: import.meta.url,
  title: "Columns of your table as features and labels",
  parameters: {
    features: Schema.optionalKey(
      Schema.NonEmptyArray(Schema.String).annotate({ description: "columns, in order; all of numbers if not given" }),
    ),
    label: Schema.optionalKey(Schema.String.annotate({ description: "the column of classes, if there is one" })),
    standardise: orElse(Schema.Boolean.annotate({ description: "mean 0 and deviation 1 for each feature" }), false),
  },
  inputs: { table: Port.any(), standardisation: Port.optional(Standardisation), classes: Port.optional(Classes) },
  outputs: {
    data: Port.computed(({ features, label }, { table }) => ({
      id: Column.int32,
      x: Column.tensor("float32", [plannedWidth(features, table?.[0] ?? {})]),
      ...(label !== undefined && { label: Column.int32 }),
    })),
    standardisation: Standardisation,
    classes: Classes,
  },
  *run({ parameters, inputs: { table, standardisation: given, classes: known } }) {
    if (table.length === 0) return yield* new StageError({ message: "the table has no rows", hint: "give some" })
    const { features, problems } = featuresOf(table, parameters.features, parameters.label)
    const labels = parameters.label === undefined ? undefined : labelsOf(table, parameters.label, known)
    yield* stopAt([...problems, ...(labels?.problems ?? [])], "fill or drop such rows, or name other columns")
    const wrong = given && misfit(given, features)
    yield* stopAt(wrong === undefined ? [] : [wrong], "name the same 'features' in the same order")
    const standardisation = given ?? (parameters.standardise ? measure(features, table.length) : unchanged(features))
    const { x, problems: infinite } = apply(standardisation, features, table.length)
    yield* stopAt(infinite, "fill or drop such rows")
    const columns = {
      id: Column.int32,
      x: Column.tensor("float32", [features.length]),
      ...(labels && { label: Column.int32 }),
    }
    const data = build("datasets/points@1", columns, {
      id: yield* idsOf(table),
      x,
      ...(labels && { label: labels.label }),
    })
    return { data: view(data), standardisation, classes: labels?.classes ?? known ?? Classes.fromRows([]) }
  },
})
