/** What a file imports is in the package.json beside it; nothing but a tool reaches into another project by path. */
import { builtinModules } from "node:module"
import { join } from "node:path/posix"
import { problemAt, type Rule } from "../rule.ts"

/** `@scope/name` of `@scope/name/part`. */
const packageOf = (specifier: string) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/")

export const declared: Rule = {
  name: "declared",
  *check({ files, projects }) {
    const root = JSON.parse(files.get("package.json") ?? "{}") as { devDependencies?: object }
    for (const { kind, root: folder, manifest, sources, src } of projects) {
      const needed = Object.keys({
        ...manifest.dependencies,
        ...manifest.peerDependencies,
        ...manifest.optionalDependencies,
      })
      const besides = Object.keys({ ...manifest.devDependencies, ...root.devDependencies })
      for (const source of sources)
        for (const { specifier, at } of source.syntax.imports) {
          const name = packageOf(specifier)
          if (specifier.startsWith(".")) {
            const target = join(source.path, "..", specifier)
            if (kind !== "tools" && !target.startsWith(`${folder}/`))
              yield problemAt(source, at, `'${specifier}' leaves ${folder}; import the package`)
          } else if (builtinModules.includes(specifier)) {
            yield problemAt(source, at, `write 'node:${specifier}'`)
          } else if (!specifier.startsWith("node:") && name !== manifest.name && !needed.includes(name)) {
            const where = src.includes(source) ? "dependencies" : "devDependencies"
            if (where === "dependencies" || !besides.includes(name))
              yield problemAt(source, at, `'${name}' isn't among the ${where} of ${folder}/package.json`)
          }
        }
    }
  },
}
