/** One computation of a stage: its inputs decoded, its metrics and checkpoints kept, its outputs stored. */
import { type Columns, TableMismatch, TableSchema } from "@relent/arrow"
import { source } from "@relent/random"
import {
  type Checkpoint,
  type CheckedStep,
  type InputPort,
  type SourceFile,
  type StageContext,
  StageError,
} from "@relent/stage"
import { Effect, Option } from "effect"
import { StageBroken } from "./error.ts"
import type { RunEvent } from "./event.ts"
import type { KeyParts } from "./key.ts"
import { decodeInput, encodeOutputs } from "./ports.ts"
import { Resources } from "./resource.ts"
import { stopwatch } from "./stopwatch.ts"
import { resourcesOf } from "./step-key.ts"
import type { StoreShape } from "./store/store.ts"
import type { StoredTable } from "./store/objects.ts"

type Row = Readonly<Record<string, unknown>> & { readonly step: number }
type Report = (event: RunEvent) => Effect.Effect<void>

export interface Attempt {
  readonly checked: CheckedStep
  readonly key: string
  readonly parts: KeyParts
  readonly sources: { readonly [name: string]: SourceFile }
  readonly store: StoreShape
  readonly report: Report
  /** From the first step, whatever checkpoint there is: what it says isn't to be believed, and what is left is nobody's. */
  readonly afresh: boolean
}

const readInputs = ({ checked, parts, store }: Attempt) =>
  Effect.gen(function* () {
    const ports: Record<string, InputPort> = checked.step.stage.definition.inputs ?? {}
    const values: Record<string, unknown> = {}
    for (const [name, port] of Object.entries(ports)) {
      const tables = yield* Effect.forEach(parts.inputs[name] ?? [], (digest) => store.getTable(digest))
      values[name] = yield* decodeInput(port, tables).pipe(
        Effect.mapError((error: TableMismatch) => ({ message: `input '${name}' is ${error.message}` })),
      )
    }
    return values
  })

/** Metrics so far, and the way to add one. */
const metricsOf = ({ checked, report }: Attempt, before: ReadonlyArray<Row>) => {
  const rows = [...before]
  const emit = (row: Row) =>
    Effect.suspend(() => {
      rows.push(row)
      return report({ _tag: "StepMetric", step: checked.step.id, row })
    }).pipe(Effect.andThen(Effect.yieldNow)) // a long loop can be cancelled here
  return { rows, emit }
}

const contextOf = (attempt: Attempt, inputs: Readonly<Record<string, unknown>>) =>
  Effect.gen(function* () {
    const { checked, key, parts, sources, store, report, afresh } = attempt
    const { step, parameters } = checked
    const { state } = step.stage.definition
    const saved = state && !afresh ? yield* store.loadCheckpoint(key) : undefined
    const warn = (message: string) => report({ _tag: "StepWarning", step: step.id, message })
    yield* report({
      _tag: "StepStarted",
      step: step.id,
      stage: step.stage.id,
      key,
      ...(saved && { resumedAt: saved.step }),
    })
    const { rows, emit } = metricsOf(attempt, (saved?.rows ?? []) as ReadonlyArray<Row>)
    const context: StageContext<unknown, {}, {}, unknown> = {
      parameters,
      inputs,
      sources,
      random: parts.draws
        ? source(parts.draws)
        : () => {
            throw new StageBroken({
              stage: step.stage.id,
              reason: `draws random numbers and doesn't declare uses: ["random"]`,
            })
          },
      emit,
      progress: (done, total) => report({ _tag: "StepProgress", step: step.id, done, total }),
      warn,
      checkpoint: {
        load: saved
          ? Effect.map(state!.decode(saved.state), (value) => Option.some({ step: saved.step, state: value }))
          : Effect.succeedNone,
        // A checkpoint that can't be saved costs time at most: the run goes on.
        save: ({ step: at, state: value }: Checkpoint<unknown>) =>
          afresh
            ? Effect.void
            : store
                .saveCheckpoint(key, { step: at, rows: [...rows], state: state!.encode(value) })
                .pipe(Effect.catch((error) => warn(`no checkpoint was saved: ${error.message}`))),
      },
    }
    return { context, rows }
  })

/** Gives the stage what it uses, one resource around the other. */
const withResources = (checked: CheckedStep, run: Effect.Effect<any, any, any>) =>
  Effect.gen(function* () {
    const resources = yield* Resources
    return yield* resourcesOf(checked).reduce<Effect.Effect<any, any, any>>(
      (effect, use) => resources[use]!.use(effect),
      run,
    )
  }) as Effect.Effect<
    Readonly<Record<string, unknown>>,
    { readonly message: string; readonly hint?: string },
    Resources
  >

const metricsTable = (attempt: Attempt, rows: ReadonlyArray<Row>) => {
  const port = attempt.checked.step.stage.outputs["metrics"]
  const { metrics } = attempt.checked.step.stage.definition
  return (
    metrics &&
    port && { metrics: TableSchema.make("metrics", 1, (port as { columns: Columns }).columns).fromRows(rows) }
  )
}

const tooLarge = /^(Invalid (typed )?array length|Array buffer allocation failed|Invalid array buffer length)/

/** What a stage throws when its parameters or its data are at fault, not its code. */
const blame = (thrown: unknown): Effect.Effect<never, StageError | TableMismatch> => {
  // A table that the stage built from what it was given, and that can't be.
  if (thrown instanceof TableMismatch) return Effect.fail(thrown)
  if (thrown instanceof RangeError && tooLarge.test(thrown.message))
    return Effect.fail(
      new StageError({
        message: `wants more memory than there is (${thrown.message})`,
        hint: "make the sizes among its parameters smaller",
      }),
    )
  return Effect.die(thrown)
}

/** Computes a stage and stores its tables. Its time begins when it has what it uses. */
export const compute = (attempt: Attempt) =>
  Effect.gen(function* () {
    const { stage } = attempt.checked.step
    const inputs = yield* readInputs(attempt)
    let elapsed = Effect.succeed(0)
    const running = Effect.gen(function* () {
      elapsed = yield* stopwatch
      const { context, rows } = yield* contextOf(attempt, inputs)
      const values = yield* Effect.catchDefect(stage.run(context), blame)
      return { ...values, ...metricsTable(attempt, rows) }
    })
    const tables = encodeOutputs(stage, yield* withResources(attempt.checked, running))
    const outputs: Record<string, StoredTable> = {}
    for (const [name, table] of Object.entries(tables)) outputs[name] = yield* attempt.store.putTable(table)
    return { outputs, milliseconds: yield* elapsed }
  })
