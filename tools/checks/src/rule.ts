/** A rule: what must hold in the whole repository. */
import type { Source, Workspace } from "./workspace.ts"

export interface Problem {
  readonly path: string
  /** From 1. */
  readonly line: number
  /** What is wrong, and how to mend it. */
  readonly message: string
}

export interface Rule {
  readonly name: string
  readonly check: (workspace: Workspace) => Iterable<Problem>
}

/** A problem at a place of a file. */
export const problemAt = ({ path, text }: Pick<Source, "path" | "text">, at: number, message: string): Problem => ({
  path,
  line: text.slice(0, at).split("\n").length,
  message,
})

/** A problem of the first line that holds `part`, or of the whole file. */
export const problemIn = (workspace: Workspace, path: string, part: string, message: string): Problem => {
  const text = workspace.files.get(path) ?? ""
  return problemAt({ path, text }, Math.max(0, text.indexOf(part)), message)
}
