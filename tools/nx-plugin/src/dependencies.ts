/** Dependencies that no import tells: a document of one plugin that names a stage, or a value, of another. */
import { existsSync, readFileSync } from "node:fs"
import { basename, join } from "node:path"
import { type CreateDependencies, DependencyType, type RawProjectGraphDependency } from "@nx/devkit"
import { parse } from "yaml"

const isDocument = (root: string, file: string) =>
  /^(?:pipelines|suites)\/.+\.(?:ya?ml|json)$/.test(file.slice(root.length + 1))

/** Every word of a document: keys, and values that are text. */
const wordsOf = (value: unknown): ReadonlyArray<string> => {
  if (typeof value === "string") return [value]
  if (typeof value !== "object" || value === null) return []
  return Object.entries(value).flatMap(([key, of]) => [...(Array.isArray(value) ? [] : [key]), ...wordsOf(of)])
}

/** The folders named in a document: `datasets` of `datasets/mnist` and of `@relent/datasets`. */
export const namedIn = (text: string): ReadonlySet<string> => {
  const found = wordsOf(parse(text, { logLevel: "silent" })).flatMap((word) => {
    const [, folder] = /^(?:@relent\/)?([a-z][a-z0-9-]*)(?:\/|$)/.exec(word) ?? []
    return folder !== undefined && word.includes("/") ? [folder] : []
  })
  return new Set(found)
}

/** A document that can't be read depends on nothing that we know; its own check says what is wrong. */
const namedInFile = (path: string): ReadonlySet<string> => {
  try {
    return namedIn(readFileSync(path, "utf8"))
  } catch {
    return new Set()
  }
}

export const createDependencies: CreateDependencies = (_, { projects, fileMap, workspaceRoot }) => {
  const members = Object.entries(projects)
    .map(([name, { root }]) => ({ name, root, folder: basename(root) }))
    .filter(({ root }) => /^(?:packages|plugins)\//.test(root))
  const dependencies: Array<RawProjectGraphDependency> = []
  for (const { name: source, root } of members) {
    for (const { file } of fileMap.projectFileMap[source] ?? []) {
      const folders = isDocument(root, file) ? namedInFile(join(workspaceRoot, file)) : new Set()
      for (const { name: target, folder } of members)
        if (target !== source && folders.has(folder))
          dependencies.push({ source, target, sourceFile: file, type: DependencyType.static })
    }
    // A suite is judged by running it.
    if (existsSync(join(workspaceRoot, root, "suites")))
      for (const { name: target, root: path } of members)
        if (path === "packages/runtime" || path === "packages/suite")
          dependencies.push({ source, target, type: DependencyType.implicit })
  }
  return dependencies
}
