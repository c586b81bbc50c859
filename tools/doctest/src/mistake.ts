/**
 * Mistakes on purpose: what follows `@ts-expect-error`, in its line and in comment lines below, is what the compiler says there.
 * Lines of the message may be left out, and `...` stands for any text.
 */
import { dirname, join, relative } from "node:path/posix"
import { parseSync } from "vite"
import { compiledPath } from "./workspace.ts"

export interface Mistake {
  /** Of the code that is wrong, from 1. */
  readonly line: number
  readonly says: ReadonlyArray<string>
}

const directive = "@ts-expect-error"

export const mistakesIn = (text: string): ReadonlyArray<Mistake> => {
  const lines = text.split("\n")
  return lines.flatMap((line, i) => {
    const [, first] = /^\s*\/\/ @ts-expect-error(.*)$/.exec(line) ?? []
    if (first === undefined) return []
    const below = lines.slice(i + 1).findIndex((next) => !/^\s*\/\//.test(next))
    const more = lines.slice(i + 1, i + 1 + below).map((next) => next.replace(/^\s*\/\//, ""))
    return [{ line: i + 2 + below, says: [first, ...more].map((said) => said.trim()) }]
  })
}

/** The file without its directives, so that the compiler speaks; its relative imports lead where they led. */
export const mistakenModule = (path: string, text: string): string => {
  const specifiers = parseSync(path, text, { lang: "ts", sourceType: "module" }).module.staticImports
  let out = text
  for (const { moduleRequest } of specifiers.toReversed()) {
    const { value, start, end } = moduleRequest
    if (!value.startsWith(".")) continue
    const to = relative(dirname(compiledPath(path)), join(dirname(path), value))
    out = `${out.slice(0, start)}"${to}"${out.slice(end)}`
  }
  return out.replaceAll(directive, " ".repeat(directive.length))
}

/** Whether a message holds these lines, in this order. */
export const holds = (message: string, says: ReadonlyArray<string>): boolean => {
  let from = 0
  for (const part of says.flatMap((said) => said.split("..."))) {
    const at = message.indexOf(part.trim(), from)
    if (at < 0) return false
    from = at + part.trim().length
  }
  return true
}
