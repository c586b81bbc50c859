/** The declared files of a stage that reads an npm package. */
import type { AnyStage, SourceFile } from "@relent/stage"
import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"

export const filesOf = (stage: AnyStage) => {
  const find = createRequire(import.meta.url)
  return Object.fromEntries(
    Object.entries(stage.definition.sources!({})).map(([name, location]) => {
      if (!("package" in location)) throw new TypeError("a file of a package is expected")
      const path = join(dirname(find.resolve(`${location.package}/package.json`)), location.file)
      const bytes = Effect.sync(() => new Uint8Array(readFileSync(path)))
      return [name, { path, digest: "", bytes } satisfies SourceFile] as const
    }),
  )
}
