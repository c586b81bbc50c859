/** A run: executes a checked pipeline, and leaves a manifest, also when it fails or is interrupted. */
import { resolve } from "node:path"
import { type CheckedPipeline, handlesOf, type Step } from "@relent/stage"
import { Cause, Clock, Effect, Exit } from "effect"
import { CheckFailed, type NotReproduced, type StepFailed } from "./error.ts"
import type { RunEvent } from "./event.ts"
import { execute } from "./execute.ts"
import { inputsOf } from "./inputs.ts"
import type { Manifest, ManifestStep } from "./manifest.ts"
import { checkNeeds } from "./needs.ts"
import type { Resources } from "./resource.ts"
import { stopwatch } from "./stopwatch.ts"
import { schedule } from "./scheduler.ts"
import { rootsOf } from "./sources.ts"
import { type StoreError } from "./store/error.ts"
import { Store } from "./store/store.ts"

export interface RunOptions {
  readonly report?: (event: RunEvent) => Effect.Effect<void>
  /** Steps at once. A resource such as the tensor backend still takes one stage at a time. */
  readonly concurrency?: number
  /** Steps to compute although they are in the store. */
  readonly force?: ReadonlyArray<string>
  /** Computes everything again and compares it with the store. All steps are checked, each on the recorded inputs. */
  readonly check?: boolean
  /** More folders that a pipeline may read files in, besides that of its document. */
  readonly allow?: ReadonlyArray<string>
  /** Kept in the manifest: what the run is for. */
  readonly labels?: { readonly [label: string]: string }
}

const statusOf = (exit: Exit.Exit<unknown, unknown>): Manifest["status"] =>
  Exit.isSuccess(exit) ? "finished" : Cause.hasInterruptsOnly(exit.cause) ? "interrupted" : "failed"

/** Executes a pipeline. Everything finished stays in the store, so the same run started again goes on where this one ends. */
export const run = (
  checked: CheckedPipeline,
  options: RunOptions = {},
): Effect.Effect<Manifest, StepFailed | CheckFailed | StoreError, Store | Resources> =>
  Effect.gen(function* () {
    yield* checkNeeds(checked)
    const store = yield* Store
    const { pipeline, file } = checked
    const report = options.report ?? (() => Effect.void)
    const { begin, run: name } = yield* store.beginRun(pipeline.name, yield* Clock.currentTimeMillis)
    const elapsed = yield* stopwatch
    const bySteps = new Map(checked.steps.map((s) => [s.step, s]))
    const done = new Map<Step, ManifestStep>()
    const differences: Array<NotReproduced> = []
    let compared = 0
    const check = (difference: NotReproduced | undefined) => {
      compared++
      if (difference === undefined) return Effect.void
      const { step, stage, message } = difference
      differences.push(difference)
      return report({ _tag: "StepFailure", step, stage, message })
    }
    const execution = {
      seed: pipeline.seed,
      roots: rootsOf(file, options.allow),
      store,
      report,
      force: new Set(options.force),
      ...(options.check === true && { check }),
      ...(file !== undefined && { file }),
    }
    const manifestAt = (status: Manifest["status"], milliseconds: number): Manifest => ({
      version: 1,
      run: name,
      pipeline: pipeline.name,
      seed: pipeline.seed,
      ...(file !== undefined && { file: resolve(file) }),
      ...(options.labels !== undefined && { labels: options.labels }),
      started: new Date(begin).toISOString(),
      milliseconds,
      status,
      steps: pipeline.steps.flatMap((step) => done.get(step) ?? []),
      outputs: Object.fromEntries(
        Object.entries(pipeline.outputs).map(([output, { step, port }]) => [output, { step: step.id, port }]),
      ),
    })
    yield* report({
      _tag: "RunStarted",
      run: name,
      pipeline: pipeline.name,
      seed: pipeline.seed,
      steps: pipeline.steps.map((step) => ({ id: step.id, stage: step.stage.id })),
    })
    const all = schedule<ManifestStep, StepFailed, Resources>(
      pipeline.steps,
      options.concurrency ?? 4,
      (step, finished) =>
        Effect.gen(function* () {
          yield* Effect.forEach(handlesOf(step.inputs), (handle) => finished(handle.step), { discard: true })
          const failed = (defect: unknown) =>
            report({ _tag: "StepFailure", step: step.id, stage: step.stage.id, message: String(defect) })
          const result = yield* execute(bySteps.get(step)!, inputsOf(step, done), execution).pipe(
            Effect.tapDefect(failed),
          )
          done.set(step, result)
          return result
        }),
    ).pipe(
      Effect.tapError(({ step, stage, reason: message, hint }) =>
        report({ _tag: "StepFailure", step, stage, message, ...(hint !== undefined && { hint }) }),
      ),
      Effect.tap(() =>
        differences.length === 0 ? Effect.void : Effect.fail(new CheckFailed({ differences, compared })),
      ),
    )
    const leave = (exit: Exit.Exit<unknown, unknown>) =>
      Effect.gen(function* () {
        const manifest = manifestAt(statusOf(exit), yield* elapsed)
        // A run that found nothing to keep its manifest in has said so already.
        yield* Effect.ignore(store.writeManifest(manifest))
        yield* store.endRun(name)
        const computed = manifest.steps.filter((s) => s.status === "computed").length
        yield* report({
          _tag: "RunFinished",
          run: name,
          status: manifest.status,
          computed,
          cached: manifest.steps.length - computed,
          milliseconds: manifest.milliseconds,
        })
      })
    yield* Effect.onExit(all, leave)
    return manifestAt("finished", yield* elapsed)
  })
