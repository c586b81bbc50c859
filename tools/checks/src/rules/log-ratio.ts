/** A divergence is defined once, in packages/divergence: no logarithm of a ratio is written out elsewhere. */
import { problemAt, type Rule } from "../rule.ts"
import { argumentsOf, bare, childrenOf, lastNameOf, nameOf, type Node } from "../syntax.ts"

const isCall = (node: Node | undefined, names: ReadonlyArray<string>): node is Node =>
  node?.type === "CallExpression" && names.includes(lastNameOf(node["callee"]) ?? "")

/** What a call works on: its arguments, and where it hangs on a value, that value first: `x.div(y)`. */
const operandsOf = (call: Node): ReadonlyArray<Node | undefined> => {
  const given = argumentsOf(call).map(bare)
  const callee = call["callee"] as Node
  const on = callee.type === "MemberExpression" ? bare(callee["object"]) : undefined
  return on !== undefined && on.type !== "Identifier" ? [on, ...given] : given
}

const isNumber = (node: Node | undefined) => node?.type === "Literal" && typeof node["value"] === "number"
const isBinary = (node: Node | undefined, operator: string): node is Node =>
  node?.type === "BinaryExpression" && node["operator"] === operator

const mentions = (node: Node | undefined, name: string): boolean =>
  node !== undefined && (nameOf(node) === name || childrenOf(node).some((child) => mentions(child, name)))

/** `a / b`, `div(a, b)`, `a.div(b)`; halves of a thing, or a density over its norm with its pi, are no ratio of two. */
const isRatio = (node: Node | undefined): boolean => {
  if (isBinary(node, "/"))
    return ![node["left"], node["right"]].map(bare).some((side) => isNumber(side) || mentions(side, "Math.PI"))
  if (!isCall(node, ["div", "divNoNan", "realDiv"])) return false
  return !argumentsOf(node).map(bare).some(isNumber)
}

const logs = ["log", "log2", "log10"]
const isLog = (node: Node | undefined) => isCall(node, logs)

const isLogRatio = (node: Node): boolean => {
  if (isCall(node, [...logs, "log1p"])) return operandsOf(node).some(isRatio)
  if (isBinary(node, "-")) return isLog(bare(node["left"])) && isLog(bare(node["right"]))
  if (!isCall(node, ["sub"])) return false
  const sides = operandsOf(node)
  return sides.length > 1 && sides.slice(-2).every(isLog)
}

/** What takes a log-ratio by its definition: `divergence.link(log m - log t)`. */
const algebra = ["link", "penalty", "pseudoReward", "scoreWeight"]

export const logRatio: Rule = {
  name: "log-ratio",
  *check({ projects }) {
    for (const { kind, root, src } of projects) {
      if (kind === "tools" || root === "packages/divergence") continue
      for (const source of src) {
        const { nodes } = source.syntax
        const given = new Set(
          nodes
            .filter((node) => isCall(node, algebra))
            .flatMap(argumentsOf)
            .map(bare),
        )
        for (const node of nodes)
          if (isLogRatio(node) && !given.has(node))
            yield problemAt(
              source,
              node.start,
              "a logarithm of a ratio: derive it from a member of packages/divergence",
            )
      }
    }
  },
}
