/** What a stage is given when it runs. */
import type { Columns, Row, TableMismatch } from "@relent/arrow"
import type { Source as Draw } from "@relent/random"
import { Data, type Effect, type Option } from "effect"
import type { Inputs, InputValues } from "./port.ts"

/** What a stage fails with: what was wrong, and what to do. The runner adds the step, its stage and its place in the document. */
export class StageError extends Data.TaggedError("StageError")<{ readonly message: string; readonly hint?: string }> {}

/** Where a file lies that a stage reads: a path of the user's, or a file of an npm package. */
export type SourceLocation =
  | { readonly path: string }
  | {
      /** The package, found from the module that declares the stage. */
      readonly package: string
      readonly file: string
    }

/** A declared file. Its bytes are part of the key of the result, so a changed file is never read from the cache. */
export interface SourceFile {
  /** Absolute, for packages that open files by themselves. */
  readonly path: string
  /** SHA-256 of the bytes, hexadecimal. */
  readonly digest: string
  /** The whole file. */
  readonly bytes: Effect.Effect<Uint8Array<ArrayBuffer>, StageError>
}

/** Where a long stage stands: enough to go on with the same numbers. Draws are counted, so they need no state. */
export interface Checkpoint<State> {
  /** The step to go on with. */
  readonly step: number
  readonly state: State
}

export interface Checkpoints<State> {
  /** The checkpoint of an interrupted run of the same key. */
  readonly load: Effect.Effect<Option.Option<Checkpoint<State>>, TableMismatch>
  readonly save: (checkpoint: Checkpoint<State>) => Effect.Effect<void>
}

export interface StageContext<Parameters, I extends Inputs, M extends Columns, State> {
  readonly parameters: Parameters
  readonly inputs: InputValues<I>
  /** Draws for a purpose, keyed by (seed, stream, purpose, counters). The stage declares `uses: ["random"]`. */
  readonly random: Draw
  /** The declared files, by name. */
  readonly sources: { readonly [name: string]: SourceFile }
  /** Streams one row of metrics and keeps it for the output `metrics`. A cancelled run stops here. */
  readonly emit: (row: { readonly step: number } & Row<M>) => Effect.Effect<void>
  /** How far a long stage is, for whoever watches: not part of the result. */
  readonly progress: (done: number, total: number) => Effect.Effect<void>
  /** What somebody may not have meant, though the result is right: a term that is 0 for this data. Not part of the result. */
  readonly warn: (message: string) => Effect.Effect<void>
  readonly checkpoint: Checkpoints<State>
}
