/** Errors have a tag: whoever catches one knows what it is, and a defect is never taken for a user's mistake. */
import { problemAt, type Rule } from "../rule.ts"
import { bare, nameOf } from "../syntax.ts"

const untagged = new Set(["Error", "TypeError", "RangeError", "SyntaxError", "ReferenceError", "EvalError", "URIError"])
const hint = 'declare a tagged one: class Wrong extends Data.TaggedError("Wrong")<{ ... }>'

export const taggedErrors: Rule = {
  name: "tagged-errors",
  *check({ projects }) {
    for (const source of projects.filter(({ kind }) => kind !== "tools").flatMap(({ src }) => src))
      for (const node of source.syntax.nodes) {
        const made =
          node.type === "NewExpression" || node.type === "CallExpression" ? nameOf(node["callee"]) : undefined
        if (made !== undefined && untagged.has(made)) yield problemAt(source, node.start, `a bare ${made}; ${hint}`)
        const base = node.type.startsWith("Class") ? nameOf(node["superClass"]) : undefined
        if (base !== undefined && untagged.has(base)) yield problemAt(source, node.start, `a class of ${base}; ${hint}`)
        const thrown = node.type === "ThrowStatement" ? bare(node["argument"]) : undefined
        if (thrown && ["Literal", "TemplateLiteral", "ObjectExpression"].includes(thrown.type))
          yield problemAt(source, node.start, `throws a bare value; ${hint}`)
      }
  },
}
