/** Texts as counts of their words. */
import { build, Column, columnsOf, show, type Table, view } from "@relent/arrow"
import { Count, orElse, suggest } from "@relent/named"
import { Port, Stage, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"
import { counted, misfit, mostFrequent, Vocabulary } from "./bag-of-words/vocabulary.ts"

const usual = 1000

/** The texts of a column, or what is wrong with it. */
const textsOf = (table: Table<any>, name: string): Effect.Effect<ReadonlyArray<string>, StageError> => {
  const fail = (message: string, hint: string) => Effect.fail(new StageError({ message, hint }))
  const held = columnsOf(table.arrow)
  const column = held[name]
  if (column === undefined)
    return fail(`column '${name}' is missing: ${suggest(name, Object.keys(held), "column")}`, "name it in 'column'")
  if (column.kind !== "utf8") return fail(`column '${name}' is ${show(column)}, wanted texts`, "name another 'column'")
  if (table.length === 0) return fail("the table has no rows", "give some")
  const texts = table.columns[name] as ReadonlyArray<string | null>
  const empty = texts.indexOf(null)
  return empty < 0
    ? Effect.succeed(texts as ReadonlyArray<string>)
    : fail(`column '${name}', row ${empty}: wanted a text, found nothing`, "fill or drop such rows")
}

/**
 * Adds features `x`, float32 `[words]`, to a table with a column of texts: log(1 + count) of each word of a vocabulary. Words are runs of
 * letters of any script, in lower case. Without a `vocabulary` it is chosen from these texts: the words that most of them have, of equals
 * the first by their characters. Given back as input it makes new texts features the same way, so nothing of a test set chooses words.
 *
 * @reference none: data handling
 */
export const bagOfWords = Stage.make("datasets/bag-of-words", {
  module: import.meta.url,
  title: "Texts as counts of their most frequent words",
  parameters: {
    column: orElse(Schema.NonEmptyString.annotate({ description: "of texts" }), "text"),
    words: Schema.optionalKey(
      Count.annotate({ description: `how many, ${usual} if not given; a vocabulary that is given must have as many` }),
    ),
  },
  inputs: { table: Port.any(), vocabulary: Port.optional(Vocabulary) },
  outputs: { data: Port.like("table", { x: Column.tensor("float32", ["features"]) }), vocabulary: Vocabulary },
  sizes: ({ words }): { readonly [dimension: string]: number } => (words === undefined ? {} : { features: words }),
  *run({ parameters: { column, words }, inputs }) {
    const table: Table<any> = inputs.table
    const texts = yield* textsOf(table, column)
    const others = columnsOf(table.arrow)
    if ("x" in others)
      return yield* new StageError({ message: "the table has a column 'x' already", hint: "leave it out" })
    const wrong = inputs.vocabulary && misfit(inputs.vocabulary, words)
    if (wrong !== undefined)
      return yield* new StageError({ message: wrong, hint: "give the one that another 'datasets/bag-of-words' chose" })
    const vocabulary = inputs.vocabulary ?? (yield* mostFrequent(texts, words ?? usual))
    const columns = { ...others, x: Column.tensor("float32", [vocabulary.length]) }
    const { metadata } = table.arrow.schema
    const values = { ...table.columns, x: yield* counted(texts, vocabulary) }
    const name = metadata.get("relent:schema") ?? "rows"
    return { data: view(build(name, columns, values, Object.fromEntries(metadata))), vocabulary }
  },
})
