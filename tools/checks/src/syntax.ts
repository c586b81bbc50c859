/** The syntax tree of a TypeScript file, as far as the rules look at it: ESTree, by the parser that vite brings. */
import { parseSync } from "vite"

export interface Node {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly [key: string]: unknown
}

export interface Comment {
  readonly value: string
  readonly start: number
  readonly end: number
}

export interface Import {
  readonly specifier: string
  readonly at: number
}

export interface Syntax {
  /** Every node, parents first. */
  readonly nodes: ReadonlyArray<Node>
  readonly comments: ReadonlyArray<Comment>
  /** Static, dynamic with a literal, and in types. */
  readonly imports: ReadonlyArray<Import>
  readonly errors: ReadonlyArray<string>
}

const isNode = (value: unknown): value is Node =>
  typeof value === "object" && value !== null && typeof (value as Node).type === "string"

/** The nodes right below a node. */
export const childrenOf = (node: Node): ReadonlyArray<Node> => Object.values(node).flat().filter(isNode)

const literal = (node: unknown): string | undefined =>
  isNode(node) && node.type === "Literal" && typeof node["value"] === "string" ? node["value"] : undefined

const importing = new Set([
  "ImportDeclaration",
  "ExportNamedDeclaration",
  "ExportAllDeclaration",
  "ImportExpression",
  "TSImportType",
])

export const parse = (path: string, text: string): Syntax => {
  const { program, comments, errors } = parseSync(path, text, { lang: "ts", sourceType: "module" })
  const nodes: Array<Node> = []
  const walk = (node: Node): void => {
    nodes.push(node)
    for (const child of childrenOf(node)) walk(child)
  }
  walk(program as unknown as Node)
  const imports = nodes.flatMap((node) => {
    const specifier = importing.has(node.type) ? literal(node["source"]) : undefined
    return specifier === undefined ? [] : [{ specifier, at: node.start }]
  })
  return { nodes, comments, imports, errors: errors.map((error) => error.message) }
}

/** `Math.log` of `Math.log`, `log` of `log`; nothing for what isn't a plain chain of names. */
export const nameOf = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined
  if (node.type === "Identifier") return node["name"] as string
  if (node.type === "MetaProperty") return "import.meta"
  if (node.type !== "MemberExpression" || node["computed"] === true) return undefined
  const object = nameOf(node["object"])
  return object === undefined ? undefined : `${object}.${nameOf(node["property"])}`
}

/** The last name of a chain, whatever it hangs on: `log` of `Math.log` and of `x.div(y).log`. */
export const lastNameOf = (node: unknown): string | undefined => {
  if (!isNode(node)) return undefined
  return node.type === "MemberExpression" && node["computed"] !== true ? nameOf(node["property"]) : nameOf(node)
}

export const argumentsOf = (node: Node): ReadonlyArray<Node> =>
  Array.isArray(node["arguments"]) ? node["arguments"].filter(isNode) : []

/** What parentheses and assertions of type stand around. */
export const bare = (node: unknown): Node | undefined => {
  if (!isNode(node)) return undefined
  const wrapped = ["ParenthesizedExpression", "TSNonNullExpression", "TSAsExpression", "TSSatisfiesExpression"]
  return wrapped.includes(node.type) ? bare(node["expression"]) : node
}

export const stringOf = literal
