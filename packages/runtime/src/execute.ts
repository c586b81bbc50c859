/** Executes one step: takes its result from the store, or computes it and puts it there. */
import type { CheckedStep } from "@relent/stage"
import { Effect, Option } from "effect"
import { compute } from "./attempt.ts"
import { NotReproduced, stepFailed } from "./error.ts"
import type { RunEvent } from "./event.ts"
import { keyOf } from "./key.ts"
import type { ManifestStep } from "./manifest.ts"
import type { Roots } from "./sources.ts"
import { type InputDigests, openStep } from "./step-key.ts"
import { StoreCorrupt } from "./store/error.ts"
import { Waiting } from "./store/lock.ts"
import type { ResultRecord } from "./store/results.ts"
import type { StoreShape } from "./store/store.ts"

export interface Execution {
  readonly seed: number
  readonly roots: Roots
  readonly store: StoreShape
  readonly report: (event: RunEvent) => Effect.Effect<void>
  /** Names of steps to compute again. */
  readonly force: ReadonlySet<string>
  /** Computes every cached result again, and tells of each how it isn't as it was, if so; the record stays. */
  readonly check?: (difference: NotReproduced | undefined) => Effect.Effect<void>
  readonly file?: string
}

type Outputs = ResultRecord["outputs"]

/** The first output that computing again gave other bytes. */
const notReproduced = ({ step }: CheckedStep, before: Outputs, after: Outputs, store: StoreShape) =>
  Effect.gen(function* () {
    const port = Object.keys(before).find((name) => before[name]!.digest !== after[name]?.digest)
    if (port === undefined) return undefined
    const [expected, found] = [before[port]!.digest, after[port]?.digest]
    const difference = found === undefined ? undefined : yield* store.differenceOf(expected, found)
    return new NotReproduced({
      step: step.id,
      stage: step.stage.id,
      port,
      expected,
      found: found ?? "absent",
      ...(difference && { difference }),
    })
  })

/** The finished step, as the manifest keeps it. */
export const execute = (checked: CheckedStep, inputs: InputDigests, execution: Execution) =>
  Effect.gen(function* () {
    const { step } = checked
    const { store, report, force, check } = execution
    const located = { step: step.id, stage: step.stage.id }
    const { parts, sources } = yield* openStep(checked, execution.seed, inputs, execution.roots)
    const key = keyOf(parts)
    const finished = (status: ManifestStep["status"], record: ResultRecord): ManifestStep => ({
      id: step.id,
      stage: step.stage.id,
      key,
      parts,
      status,
      milliseconds: record.milliseconds,
      inputs: Object.fromEntries(
        Object.entries(step.inputs).map(([port, handles]) => [
          port,
          [handles].flat().map((handle) => ({ step: handle.step.id, port: handle.port })),
        ]),
      ),
      at: step.at,
      outputs: record.outputs,
    })
    const isForced = force.has(step.name) || force.has(step.id)
    const lookUp = Effect.gen(function* () {
      const found = yield* store.take(key)
      if (!(found instanceof StoreCorrupt)) return Option.fromNullishOr(found)
      yield* report({ _tag: "StepWarning", step: step.id, message: `${found.message}; computing it again` })
      return Option.none<ResultRecord>()
    })
    const result = (afresh: boolean) =>
      Effect.map(
        compute({ checked, key, parts, sources, store, report, afresh }),
        ({ outputs, milliseconds }): ResultRecord => ({ key, parts, outputs, milliseconds }),
      )
    const ended = ({ outputs, milliseconds }: ResultRecord) =>
      report({ _tag: "StepFinished", ...located, key, outputs, milliseconds })
    const computed = Effect.gen(function* () {
      const record = yield* result(false)
      yield* store.writeResult(record)
      yield* store.removeCheckpoint(key)
      yield* ended(record)
      return finished("computed", record)
    })
    const checkedAgain = (before: ResultRecord, tell: NonNullable<Execution["check"]>) =>
      Effect.gen(function* () {
        const after = yield* result(true)
        const difference = yield* notReproduced(checked, before.outputs, after.outputs, store)
        if (difference === undefined) yield* ended(after)
        yield* tell(difference)
        return finished("computed", before)
      })
    const cached = (record: ResultRecord) =>
      Effect.as(report({ _tag: "StepCached", ...located, key, outputs: record.outputs }), finished("cached", record))

    const first = yield* lookUp
    if (Option.isSome(first) && !isForced && check === undefined) return yield* cached(first.value)
    return yield* store.withLock(
      key,
      Effect.gen(function* () {
        // Another process may have computed it while this one waited.
        const found = yield* lookUp
        if (Option.isSome(found) && check !== undefined) return yield* checkedAgain(found.value, check)
        return Option.isSome(found) && !isForced ? yield* cached(found.value) : yield* computed
      }),
    )
  }).pipe(
    Effect.provideService(Waiting, (process) =>
      execution.report({ _tag: "StepWaiting", step: checked.step.id, stage: checked.step.stage.id, process }),
    ),
    Effect.mapError(stepFailed(checked, execution.file)),
  )
