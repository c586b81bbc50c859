/** A checked pipeline: decoded parameters, and what is known of every table before it exists. */
import type { Columns } from "@relent/arrow"
import type { Named } from "@relent/named"
import type { Step } from "./handle.ts"
import type { Pipeline } from "./pipeline.ts"
import type { Position } from "./problem.ts"

/** What is known of a table before it exists. */
export interface Facts {
  /** The name of its schema, or of the domain object it holds. */
  readonly name: string
  readonly columns: Columns
  /** Set for a domain object: the kinds it may be. */
  readonly kinds?: ReadonlyArray<string>
}

export interface CheckedStep {
  readonly step: Step
  readonly parameters: { readonly [name: string]: unknown }
  /** The parameters as a document would spell them, with all defaults: part of the key. */
  readonly spelling: { readonly [name: string]: unknown }
  /** The named values among the parameters: their code is part of the key. */
  readonly named: ReadonlyArray<Named<unknown>>
  readonly outputs: { readonly [port: string]: Facts }
  /** Where the step stands in its document. */
  readonly position?: Position
}

export interface CheckedPipeline {
  readonly pipeline: Pipeline
  /** The document, where there is one: paths are relative to its folder. */
  readonly file?: string
  readonly steps: ReadonlyArray<CheckedStep>
}
