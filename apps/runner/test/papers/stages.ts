/** The stages of a pipeline that compute by a paper: those whose code, in their own plugin, names its key. */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { parse } from "yaml"

const imports = /(?:from |import\()"(\.{1,2}\/[^"]+\.ts)"/g

/** A file and what it imports of its own plugin, lazily imported members too. */
const closure = (file: string, seen = new Set<string>()): ReadonlySet<string> => {
  if (seen.has(file) || !existsSync(file)) return seen
  seen.add(file)
  for (const [, path] of readFileSync(file, "utf8").matchAll(imports)) closure(join(dirname(file), path!), seen)
  return seen
}

interface Document {
  readonly stages: { readonly [step: string]: { readonly stage?: string; readonly with?: unknown } }
  readonly over?: { readonly [axis: string]: unknown }
}

/** The words among a step's parameters, its own and those of the sweep: names of losses and the like. */
const wordsOf = (step: string, { stages, over = {} }: Document): ReadonlySet<string> => {
  const swept = Object.entries(over).flatMap(([axis, values]) => (axis.includes(`${step}.`) ? [values] : []))
  return new Set(JSON.stringify([stages[step]!.with ?? {}, swept]).match(/[a-z][a-z0-9-]*/g))
}

const filesBelow = (folder: string): ReadonlyArray<string> =>
  readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((file) => file.endsWith(".ts"))

/**
 * Stages `plugin/name` of the document that are of the plugin in `folder` and name the paper: in their own code, or in that of a
 * member of a registry that their parameters name.
 */
export const stagesOf = (file: string, folder: string, plugin: string, key: string): ReadonlyArray<string> => {
  const document = parse(readFileSync(file, "utf8")) as Document
  const source = join(folder, "src")
  const all = filesBelow(source)
  const isNamed = (path: string) => new RegExp(`@reference ${key}\\b`).test(readFileSync(path, "utf8"))
  const found = Object.entries(document.stages).flatMap(([step, { stage = "" }]) => {
    if (!stage.startsWith(`${plugin}/`)) return []
    const words = wordsOf(step, document)
    const members = all
      .filter((path) => path.includes("/") && words.has(basename(path, ".ts")))
      .map((path) => join(source, path))
    const files = [...closure(join(source, `${stage.slice(plugin.length + 1)}.ts`)), ...members]
    return files.some(isNamed) ? [stage] : []
  })
  return [...new Set(found)]
}
