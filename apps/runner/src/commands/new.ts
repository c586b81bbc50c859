/** `relent new`: files to start from, which run at once. Nothing is ever overwritten. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname } from "node:path"
import { makeFolder } from "@relent/runtime"
import { Effect } from "effect"
import { perform } from "../application.ts"
import { type Arguments, exitCode } from "../command.ts"
import { because, Mistake, oneOf } from "../mistake.ts"
import { pipelineFiles } from "../new/pipeline.ts"
import { pluginFiles } from "../new/plugin.ts"
import { stageFiles } from "../new/stage.ts"
import { builtIn } from "../plugins.ts"

const versionOf = (manifest: URL | string): string =>
  (JSON.parse(readFileSync(manifest, "utf8")) as { readonly version: string }).version

const versions = () =>
  [
    versionOf(new URL("../../package.json", import.meta.url)),
    versionOf(createRequire(import.meta.url).resolve("effect/package.json")),
  ] as const

interface Kind {
  readonly files: (name: string) => Readonly<Record<string, string>>
  readonly next: (name: string) => string
}
const kinds: { readonly [kind: string]: Kind } = {
  pipeline: { files: pipelineFiles, next: (name) => `relent run ${name}.yaml` },
  stage: { files: stageFiles, next: (name) => `relent run ${name}.yaml` },
  plugin: {
    files: (name) => pluginFiles(name, ...versions()),
    next: (name) => `cd ${name} && npm install && npx relent run pipelines/${name}.yaml`,
  },
}

const taken = new Set(["relent", ...[...builtIn.values()].map((entry) => entry.name)])

const checkName = (kind: string, name: string) => {
  if (!/^[a-z][a-z0-9-]*$/.test(name))
    return new Mistake({ message: `'${name}': a name is small letters, digits and '-', a letter first` })
  return kind !== "pipeline" && taken.has(name)
    ? new Mistake({ message: `'${name}': a plugin of relent's has this name`, hint: "choose another" })
    : Effect.void
}

export const newCommand = (given: Arguments): Promise<number> =>
  perform(
    Effect.gen(function* () {
      const [kind = "", name = ""] = given.positionals
      yield* oneOf("kind", kind, Object.keys(kinds))
      yield* checkName(kind, name)
      const files = Object.entries(kinds[kind]!.files(name))
      const there = files.find(([path]) => existsSync(path))
      if (there !== undefined)
        return yield* new Mistake({
          message: `${there[0]}: is already there`,
          hint: "nothing was written; choose another name",
        })
      for (const [path, content] of files)
        yield* Effect.try({
          try: () => {
            makeFolder(dirname(path))
            writeFileSync(path, content, { flag: "wx" })
          },
          catch: (error) => new Mistake({ message: `${path}: ${because(error)}` }),
        })
      for (const [path] of files) console.log(`wrote  ${path}`)
      console.log(`\nNow:\n  ${kinds[kind]!.next(name)}`)
      return exitCode.done
    }),
    given,
  )
