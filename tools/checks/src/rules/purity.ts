/**
 * What a stage computes follows from its parameters, inputs, declared sources and seed. So in plugins, in the mathematics that they
 * call (random, named, divergence, nn, sequence) and in modules of packages that declare a stage, there is
 *
 * - no module of Node but those that only compute: `buffer`, `stream`, `string_decoder`, `util`, `zlib`, hashes of `crypto`, parts of a
 *   `path`, and `setImmediate` of `timers`, by which a long loop lets others run; no `@effect/platform-*`;
 * - no clock: `Date`, `performance`, timers, `Clock`, `DateTime.now*`, `Effect.sleep`, `Effect.timed`;
 * - no environment: `process`, `globalThis`, `fetch`, `navigator`, `Config`, `import.meta.dirname` or `filename`, `import()` of a name
 *   that isn't written out;
 * - no draw that isn't keyed by seed and stream: `Math.random`, `crypto`, effect's `Random`, `tf.random*`, `tf.dropout`, `Matrix.rand*`.
 *
 * `Math.random` is nowhere in the source of packages, plugins and apps.
 */
import { problemAt, type Rule } from "../rule.ts"
import { type Import, nameOf, type Node, stringOf } from "../syntax.ts"
import type { Project, Source } from "../workspace.ts"

const mathematics = ["random", "named", "divergence", "nn", "sequence"]
/** Modules of Node, and which of their names; all where none are listed. */
const computing: ReadonlyMap<string, ReadonlyArray<string>> = new Map([
  ["node:buffer", []],
  ["node:crypto", ["createHash", "hash"]],
  ["node:path", ["basename", "dirname", "extname", "join"]],
  ["node:stream", []],
  ["node:string_decoder", []],
  ["node:timers/promises", ["setImmediate"]],
  ["node:util", []],
  ["node:zlib", []],
])

const globals: ReadonlyMap<string, string> = new Map([
  ...["Date", "performance", "setTimeout", "setInterval"].map((name) => [name, "reads the clock"] as const),
  ...["process", "globalThis", "fetch", "navigator", "require"].map((name) => [name, "reads the environment"] as const),
  ["crypto", "draws without seed"],
])

const chains: ReadonlyArray<readonly [RegExp, string]> = [
  [/^(?:Clock\..+|DateTime\.now\w*|Effect\.(?:sleep|delay|timed|clock\w*))$/, "reads the clock"],
  [/^import\.meta\.(?:dirname|filename)$/, "reads where it lies"],
  [/^(?:Config|ConfigProvider)\.\w+$/, "reads the environment"],
  [/^(?:Random\.\w+|tf\.(?:random\w*|truncatedNormal|multinomial|dropout)|Matrix\.rand\w*)$/, "draws without seed"],
]

const hint = "a stage has parameters, inputs, declared sources and `random`"

const isReference = (node: Node, parent: Node | undefined): boolean => {
  if (parent === undefined) return false
  const isName =
    (parent.type === "MemberExpression" && parent["property"] === node && parent["computed"] !== true) ||
    (["Property", "MethodDefinition", "PropertyDefinition"].includes(parent.type) && parent["key"] === node) ||
    parent.type.startsWith("TS")
  return !isName
}

const wrongImport = ({ specifier }: Import): string | undefined => {
  if (specifier.startsWith("@effect/platform")) return "reaches outside"
  return specifier.startsWith("node:") && !computing.has(specifier) ? "reaches outside" : undefined
}

/** Names that a file declares or imports: its own `process` is no environment. */
const ownNames = (nodes: ReadonlyArray<Node>): ReadonlySet<string> => {
  const named = (node: unknown) => nameOf(node) ?? ""
  return new Set(
    nodes.flatMap((node) => {
      if (node.type.startsWith("Import") && node["local"] !== undefined) return [named(node["local"])]
      if (node.type === "VariableDeclarator" || /Function|Class/.test(node.type)) return [named(node["id"])]
      return []
    }),
  )
}

function* impurities(source: Source): Iterable<readonly [number, string]> {
  const { nodes, imports } = source.syntax
  for (const one of imports) {
    const what = wrongImport(one)
    if (what !== undefined) yield [one.at, `'${one.specifier}' ${what}`]
  }
  const own = ownNames(nodes)
  const parents = new Map(
    nodes.flatMap((node) =>
      Object.values(node)
        .flat()
        .map((child) => [child, node] as const),
    ),
  )
  for (const node of nodes) {
    const names = node.type === "ImportDeclaration" ? computing.get(stringOf(node["source"]) ?? "") : undefined
    if (names !== undefined && names.length > 0)
      for (const part of node["specifiers"] as ReadonlyArray<Node>)
        if (!names.includes(nameOf(part["imported"]) ?? ""))
          yield [part.start, `of this module only ${names.join(", ")}`]
    if (node.type === "ImportExpression" && stringOf(node["source"]) === undefined)
      yield [node.start, "imports what isn't written out"]
    const name = node.type === "MemberExpression" || node.type === "Identifier" ? nameOf(node) : undefined
    if (name === undefined) continue
    const chain = chains.find(([pattern]) => pattern.test(name))
    if (chain !== undefined) yield [node.start, `${name} ${chain[1]}`]
    const parent = parents.get(node)
    const isFree = node.type === "Identifier" && !own.has(name) && isReference(node, parent)
    if (isFree && globals.has(name)) yield [node.start, `${name} ${globals.get(name)}`]
  }
}

const declaresStage = ({ text }: Source) => text.includes("Stage.make(")

/** The files that must be pure. */
const pureIn = ({ kind, folder, src }: Project): ReadonlyArray<Source> => {
  if (kind === "plugins" || (kind === "packages" && mathematics.includes(folder))) return src
  return kind === "packages" ? src.filter(declaresStage) : []
}

export const purity: Rule = {
  name: "purity",
  *check({ projects }) {
    for (const project of projects) {
      for (const source of pureIn(project))
        for (const [at, what] of impurities(source)) yield problemAt(source, at, `${what}; ${hint}`)
      if (project.kind === "tools") continue
      for (const source of project.src)
        for (const node of source.syntax.nodes)
          if (node.type === "MemberExpression" && nameOf(node) === "Math.random")
            yield problemAt(source, node.start, "Math.random draws without seed; draw from `@relent/random`")
    }
  },
}
