/** The text of a document, with the position of each of its parts. */
import { Effect } from "effect"
import { isAlias, isNode, LineCounter, type Node, parseDocument, visit } from "yaml"
import { PipelineInvalid, type Position, type Problem } from "../problem.ts"

export interface Source {
  readonly value: unknown
  /** Where the value at a path begins; of its nearest parent where there is none. */
  readonly position: (path: ReadonlyArray<PropertyKey>) => Position
}

/** A document that is larger than any made by hand is refused before it is parsed. */
const largest = 4 * 1024 * 1024
/** Enough for anchors that save typing, too few for an alias bomb. */
const maxAliasCount = 100
/** Deeper than any parameter is. */
const deepest = 64

const anchorOf = (node: Node): string | undefined => (isAlias(node) ? undefined : node.anchor)

/** Parses YAML (or JSON, which is YAML) and keeps the positions. */
export const parse = (text: string, file?: string): Effect.Effect<Source, PipelineInvalid> =>
  Effect.suspend(() => {
    const invalid = (problems: ReadonlyArray<Problem>) =>
      Effect.fail(new PipelineInvalid({ problems, ...(file !== undefined && { file }) }))
    const problem = (message: string, position: Position = { line: 1, column: 1 }): Problem => ({
      step: "yaml",
      path: [],
      message,
      position,
    })
    if (text.length > largest)
      return invalid([problem(`the document has ${text.length} characters; ${largest} are allowed`)])
    const lines = new LineCounter()
    const at = (offset: number): Position => {
      const { line, col } = lines.linePos(offset)
      return { line, column: col }
    }
    try {
      const yaml = parseDocument(text, {
        lineCounter: lines,
        uniqueKeys: true,
        merge: false,
        customTags: [],
        resolveKnownTags: false,
        logLevel: "error",
      })
      if (yaml.errors.length > 0)
        return invalid(
          yaml.errors.map((e) =>
            problem(e.message.split("\n")[0]!.replace(/ at line \d+, column \d+:?$/, ""), at(e.pos[0])),
          ),
        )
      let endless: Problem | undefined
      visit(yaml, {
        Node: (_, node, path) => {
          const isInside = isAlias(node) && path.some((above) => isNode(above) && anchorOf(above) === node.source)
          if (path.length <= deepest * 2 && !isInside) return undefined
          const what = isInside ? "a value holds itself" : `values are nested more than ${deepest} deep`
          endless = problem(what, at(node.range?.[0] ?? 0))
          return visit.BREAK
        },
      })
      if (endless) return invalid([endless])
      const position = (path: ReadonlyArray<PropertyKey>) => {
        for (let n = path.length; n > 0; n--) {
          const node = yaml.getIn(path.slice(0, n), true)
          if (isNode(node) && node.range) return at(node.range[0])
        }
        return { line: 1, column: 1 }
      }
      return Effect.succeed({ value: yaml.toJS({ maxAliasCount }), position })
    } catch (error) {
      return invalid([problem(`can't be read as YAML: ${error instanceof Error ? error.message : String(error)}`)])
    }
  })
