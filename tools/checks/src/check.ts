/** All rules over a workspace, less what is allowed where it stands: `// allow log-ratio: why`. */
import type { Problem } from "./rule.ts"
import { rules } from "./rules/index.ts"
import type { Workspace } from "./workspace.ts"

export interface Finding extends Problem {
  readonly rule: string
}

const allowance = /\/\/ allow ([a-z-]+): \S/

/** The lines with an allowance: it holds for its own line, and where it stands alone for the next. */
const allowancesOf = (text: string) =>
  text.split("\n").flatMap((line, i) => {
    const [whole, rule] = allowance.exec(line) ?? []
    return whole === undefined
      ? []
      : [{ rule: rule!, at: i + 1, line: line.trimStart().startsWith("//") ? i + 2 : i + 1 }]
  })

export const check = (workspace: Workspace): ReadonlyArray<Finding> => {
  const all = rules.flatMap((rule) => Array.from(rule.check(workspace), (problem) => ({ ...problem, rule: rule.name })))
  const sources = workspace.projects.filter(({ kind }) => kind !== "tools").flatMap(({ src }) => src)
  const allowed = sources.flatMap(({ path, text }) => allowancesOf(text).map((one) => ({ path, ...one })))
  const covers = (problem: Finding) => (one: (typeof allowed)[number]) =>
    one.rule === problem.rule && one.path === problem.path && one.line === problem.line
  const unused = allowed
    .filter((one) => !all.some((problem) => covers(problem)(one)))
    .map(({ path, at, rule }) => ({ path, line: at, rule: "allow", message: `nothing here breaks '${rule}'` }))
  const unreadable = sources.flatMap(({ path, syntax }) =>
    syntax.errors.map((message) => ({ path, line: 1, rule: "syntax", message })),
  )
  return [...unreadable, ...all.filter((problem) => !allowed.some(covers(problem))), ...unused].toSorted(
    (a, b) => a.path.localeCompare(b.path) || a.line - b.line,
  )
}
