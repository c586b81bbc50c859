/** What is wrong with a pipeline: all of it at once, each with its place. */
import { Data } from "effect"

export interface Position {
  readonly line: number
  readonly column: number
}

export interface Problem {
  /** The id of the step, or the part of the document. */
  readonly step: string
  /** Inside the step: `["in", "teacher"]`, `["with", "divergence"]`. */
  readonly path: ReadonlyArray<PropertyKey>
  readonly message: string
  readonly position?: Position
}

const show = (file: string | undefined) => (problem: Problem) => {
  const { step, path, message, position } = problem
  const where = position ? `${file ?? ""}${file === undefined ? "" : ":"}${position.line}:${position.column} ` : ""
  return `${where}${[step, ...path].filter((part) => part !== "").join(".")}: ${message}`
}

/** A pipeline that can't run, with every reason found. */
export class PipelineInvalid extends Data.TaggedError("PipelineInvalid")<{
  readonly problems: ReadonlyArray<Problem>
  /** The document, where there is one. */
  readonly file?: string
}> {
  override get message() {
    return this.problems.map(show(this.file)).join("\n")
  }
}
