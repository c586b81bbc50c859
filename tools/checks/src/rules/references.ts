/** Every method says where it comes from: `@reference key`, the key in references.bib, or `@reference none: why`. */
import { problemAt, problemIn, type Problem, type Rule } from "../rule.ts"
import { argumentsOf, type Comment, nameOf, type Node } from "../syntax.ts"
import type { Source } from "../workspace.ts"

const bibliography = "references.bib"

/** Registers a member of a registry: the first argument names the module. */
const registers = (node: Node): boolean => {
  const [first, ...rest] = argumentsOf(node)
  return rest.length > 0 && first?.type === "MemberExpression" && nameOf(first) === "import.meta.url"
}
const declaresStage = (node: Node): boolean => node.type === "CallExpression" && nameOf(node["callee"]) === "Stage.make"

/** The docstring that ends right before a statement. */
const docOf = ({ text, syntax }: Source, at: number): Comment | undefined =>
  syntax.comments.findLast(({ value, end }) => value.startsWith("*") && end <= at && text.slice(end, at).trim() === "")

const withReference = (comment: Comment | undefined) => comment?.value.includes("@reference ") === true

function* missing(source: Source): Iterable<Problem> {
  const { nodes, comments } = source.syntax
  const statements = nodes[0]!["body"] as ReadonlyArray<Node>
  const owner = (node: Node) => statements.find(({ start, end }) => start <= node.start && node.end <= end)!
  for (const node of nodes) {
    if (declaresStage(node) && !withReference(docOf(source, owner(node).start)))
      yield problemAt(source, owner(node).start, "the stage's docstring has no `@reference key` (or `none: why`)")
    if (node.type === "CallExpression" && registers(node) && !comments.some(withReference))
      yield problemAt(source, owner(node).start, "no docstring here has a `@reference key` (or `none: why`)")
  }
}

export const references: Rule = {
  name: "references",
  *check(workspace) {
    const keys = Array.from(
      (workspace.files.get(bibliography) ?? "").matchAll(/^@\w+\{([^,\s]+),/gm),
      ([, key]) => key!,
    )
    const twice = keys.filter((key, i) => keys.indexOf(key) < i)
    for (const key of twice) yield problemIn(workspace, bibliography, `{${key},`, `'${key}' is there twice`)
    const unknown = (key: string) => `'${key}' isn't in ${bibliography}`
    for (const { kind, root, src } of workspace.projects) {
      if (kind !== "packages" && kind !== "plugins") continue
      for (const source of src) {
        for (const { value, start } of source.syntax.comments)
          for (const { 1: key, 2: why, index } of value.matchAll(/@reference\s+(\S+)([^@\n]*)/g)) {
            if (key === "none:" ? why!.replaceAll("*", "").trim() !== "" : keys.includes(key!)) continue
            yield problemAt(source, start + 2 + index, key!.startsWith("none") ? "`none:` says why" : unknown(key!))
          }
        yield* missing(source)
      }
      for (const [path, text] of workspace.files) {
        if (!path.startsWith(`${root}/suites/`)) continue
        const [line, key] = /^source:[ \t]*(\S+)/m.exec(text) ?? []
        if (key !== undefined && !keys.includes(key)) yield problemIn(workspace, path, line!, unknown(key))
      }
    }
  },
}
