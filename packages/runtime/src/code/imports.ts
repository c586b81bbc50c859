/** The static imports of a module: what is loaded with it, types erased. */
import { stripTypeScriptTypes } from "node:module"
import { initSync, parse } from "es-module-lexer"

initSync()

/** The specifiers that a module names in `import` and `export ... from`, in order. Dynamic imports are not among them. */
export const staticImports = (source: string, file: string): ReadonlyArray<string> => {
  const code = file.endsWith(".ts") || file.endsWith(".mts") ? stripTypeScriptTypes(source) : source
  const [imports] = parse(code, file)
  return imports.flatMap(({ n, d }) => (d === -1 && n !== undefined ? [n] : []))
}
