/** Writes and edits files of a generator's tree, formatted as the workspace formats them. */
import { readJson, type Tree } from "@nx/devkit"
import { format } from "oxfmt"

export const write = async (tree: Tree, path: string, text: string): Promise<void> => {
  const { ignorePatterns: _, ...style } = readJson(tree, ".oxfmtrc.json")
  tree.write(path, path.endsWith(".md") ? text : (await format(path, text, style)).code)
}

/** Replaces the first match of a pattern, which must be there. */
export const edit = (
  tree: Tree,
  path: string,
  pattern: RegExp,
  replace: (found: ReadonlyArray<string>) => string,
): Promise<void> => {
  const text = tree.read(path, "utf8") ?? ""
  const found = pattern.exec(text)
  if (found === null) throw new Error(`${path} has no place for this: ${pattern}`)
  return write(tree, path, text.slice(0, found.index) + replace(found) + text.slice(found.index + found[0].length))
}
