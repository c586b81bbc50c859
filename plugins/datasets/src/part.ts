/** Parts of a text as JSON files of an npm package. */
import { type SourceFile, StageError } from "@relent/stage"
import { Effect, Schema } from "effect"

/** The content of a part; `what` it should be is said where it isn't. */
export const readPart = <A>(schema: Schema.Codec<A, string>, file: SourceFile, name: string, what: string) =>
  Effect.flatMap(file.bytes, (bytes) =>
    Schema.decodeEffect(schema)(new TextDecoder().decode(bytes)).pipe(
      Effect.mapError(
        () => new StageError({ message: `${name}.json is no ${what}`, hint: "install the package again" }),
      ),
    ),
  )
