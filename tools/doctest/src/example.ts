/** Examples: the `ts` fences of docstrings and READMEs, as modules in which `// => value` is an assertion. */
import { parseSync } from "vite"

export interface Example {
  readonly path: string
  /** Of its first line of code, from 1. */
  readonly line: number
  /** Its code, on the same lines as in the file. */
  readonly code: string
}

/** An example that can't be run as it stands. */
export class ExampleInvalid extends Error {}

const parse = (path: string, text: string) => parseSync(path, text, { lang: "ts", sourceType: "module" })
const lineAt = (text: string, at: number) => text.slice(0, at).split("\n").length

/** Languages that are shown and not run. */
const shown = ["json", "sh", "text", "yaml"]

/** The fences of a text in which every line may begin with ` * `. */
const fencesOf = (path: string, text: string, from: number): ReadonlyArray<Example> => {
  const examples: Array<Example> = []
  const lines = text.split("\n").map((line) => line.replace(/^\s*\* ?/, ""))
  const first = lineAt(text, 0) + from
  let opened: { readonly at: number; readonly language: string } | undefined
  for (const [i, line] of lines.entries()) {
    const [, info] = /^\s*```(.*)$/.exec(line) ?? []
    if (info === undefined) continue
    if (opened === undefined) {
      opened = { at: i, language: info.trim().split(/\s/)[0]! }
      if (opened.language !== "ts" && !shown.includes(opened.language))
        throw new ExampleInvalid(
          `${path}:${first + i}: '${opened.language}' is no language of a fence; there is ts (run), ${shown.join(", ")}`,
        )
      continue
    }
    if (opened.language === "ts") {
      const line = first + opened.at + 1
      examples.push({ path, line, code: "\n".repeat(line - 1) + lines.slice(opened.at + 1, i).join("\n") })
    }
    opened = undefined
  }
  if (opened !== undefined) throw new ExampleInvalid(`${path}:${first + opened.at}: the fence has no end`)
  return examples
}

/** The examples of a file: of its docstrings, or of all its text where it is Markdown. */
export const examplesIn = (path: string, text: string): ReadonlyArray<Example> => {
  if (!text.includes("```")) return []
  if (path.endsWith(".md")) return fencesOf(path, text.replaceAll(/^(\s*)\* /gm, "$1- "), 0)
  return parse(path, text)
    .comments.filter(({ type, value }) => type === "Block" && value.startsWith("*"))
    .flatMap(({ value, start }) => fencesOf(path, value, lineAt(text, start) - 1))
}

const header =
  'import { expect as __expect } from "vitest"; const __is = async (found: unknown, value: unknown) => __expect(await found).toEqual(value)'

/** The example as a module: an expression, or a constant, before `// => value` must equal the value. */
export const moduleOf = ({ path, code }: Example): string => {
  const { program, comments, errors } = parse(path, code)
  if (errors[0] !== undefined) throw new ExampleInvalid(`${path}: ${errors[0].message}`)
  let out = code
  for (const { value, start } of comments.toReversed()) {
    const [, expected] = /^\s*=>\s*(.+)$/s.exec(value) ?? []
    if (expected === undefined) continue
    const before = program.body.findLast(({ end }) => end <= start)
    const wrong = () => new ExampleInvalid(`${path}:${lineAt(code, start)}: '// =>' follows no expression or constant`)
    if (before === undefined || code.slice(before.end, start).includes("\n")) throw wrong()
    const whole = code.slice(before.start, before.end)
    if (before.type === "ExpressionStatement") {
      const { expression } = before
      const tested = `await __is(${code.slice(expression.start, expression.end)}, ${expected})`
      out = out.slice(0, before.start) + tested + out.slice(before.end)
      continue
    }
    const one =
      before.type === "VariableDeclaration" && before.declarations.length === 1 ? before.declarations[0] : undefined
    if (one?.id.type !== "Identifier") throw wrong()
    out = `${out.slice(0, before.start)}${whole}; await __is(${one.id.name}, ${expected})${out.slice(before.end)}`
  }
  return `${header}${out}\nexport {}\n`
}
