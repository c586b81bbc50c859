/** Why a run ends without its results. */
import type { CheckedStep, Position } from "@relent/stage"
import { Data } from "effect"
import { inWords, type TableDifference } from "./store/difference.ts"

/** `file.yaml:3:5 `, as far as it is known. */
const at = ({ file, position }: { readonly file?: string; readonly position?: Position }) =>
  position === undefined ? "" : `${file === undefined ? "line " : `${file}:`}${position.line}:${position.column} `

/** A stage said that it can't go on. */
export class StepFailed extends Data.TaggedError("StepFailed")<{
  readonly step: string
  readonly stage: string
  readonly reason: string
  readonly hint?: string
  readonly file?: string
  readonly position?: Position
}> {
  override get message() {
    const { step, stage, reason } = this
    return `${at(this)}${step} (${stage}): ${reason}`
  }
}

/** Any error of a step, as the failure of that step. */
export const stepFailed =
  ({ step, position }: CheckedStep, file: string | undefined) =>
  ({ message, hint }: { readonly message: string; readonly hint?: string }) =>
    new StepFailed({
      step: step.id,
      stage: step.stage.id,
      reason: message,
      ...(hint !== undefined && { hint }),
      ...(file !== undefined && { file }),
      ...(position && { position }),
    })

/** A declared file isn't there, or lies where a pipeline may not read. */
export class SourceUnreadable extends Data.TaggedError("SourceUnreadable")<{
  readonly path: string
  readonly reason: string
  readonly hint: string
}> {
  override get message() {
    return `${this.path}: ${this.reason}`
  }
}

/** A plugin that a document names can't be used. */
export class PluginUnusable extends Data.TaggedError("PluginUnusable")<{
  readonly plugin: string
  readonly reason: string
  readonly hint: string
  readonly file?: string
  readonly position?: Position
}> {
  override get message() {
    return `${at(this)}plugin '${this.plugin}' ${this.reason}`
  }
  /** The same, with the place of the name in the document. */
  at(file: string, position: Position): PluginUnusable {
    const { plugin, reason, hint } = this
    return new PluginUnusable({ plugin, reason, hint, file, position })
  }
}

/** A bug of a stage: it doesn't keep to what it declares. Thrown as a defect, since no user can mend it. */
export class StageBroken extends Data.TaggedError("StageBroken")<{ readonly stage: string; readonly reason: string }> {
  override get message() {
    return `${this.stage} ${this.reason}`
  }
}

/** Computing a cached result again gave other bytes. */
export class NotReproduced extends Data.TaggedError("NotReproduced")<{
  readonly step: string
  readonly stage: string
  /** The first output that differs, its recorded digest, and what it is now. */
  readonly port: string
  readonly expected: string
  readonly found: string
  /** Where the tables first differ, unless it is in their columns alone. */
  readonly difference?: TableDifference
}> {
  override get message() {
    const { step, stage, port, expected, found, difference } = this
    const table = `${step} (${stage}): output '${port}'`
    if (difference === undefined)
      return `${table} was ${expected.slice(0, 12)}, and computed again is ${found.slice(0, 12)}`
    const { place, before, after } = inWords(difference)
    return `${table}, ${place} was ${before}, and computed again is ${after}`
  }
}

/** At the end of a run that checks: results in the store that computing again didn't give. */
export class CheckFailed extends Data.TaggedError("CheckFailed")<{
  readonly differences: ReadonlyArray<NotReproduced>
  /** Steps whose results were in the store. */
  readonly compared: number
}> {
  override get message() {
    const { differences, compared } = this
    const count = `${differences.length} of ${compared} step${compared === 1 ? "" : "s"}`
    return [`${count} computed again gave something else:`, ...differences.map(({ message }) => `  ${message}`)].join(
      "\n",
    )
  }
  readonly hint = "the store keeps what it had; --force STEP computes a step anew, and keeps that"
}
