/** What commands run on: the store, the plugins, the backend; and how they end. */
import type { Names } from "@relent/named"
import { Resources, Store } from "@relent/runtime"
import { PipelineInvalid, registry, type Stages } from "@relent/stage"
import { type BackendName, backendNames } from "@relent/tensor/backend"
import { Cause, Effect, Exit, Fiber, Layer } from "effect"
import { backendResource } from "./backend-resource.ts"
import { type Arguments, environmentBackend, exitCode, text } from "./command.ts"
import { type Mistake, oneOf, whole } from "./mistake.ts"
import { builtIn } from "./plugins.ts"
import { onStop } from "./stopping.ts"
import { cleanLines } from "./terminal.ts"

export const storeFolder = (given: Arguments): string => text(given, "store") ?? ".relent"

const backends = ["auto", ...backendNames] as const

/** `--backend`, else `$RELENT_BACKEND`, else the best of this machine. */
const backendName = (given: Arguments) => text(given, "backend") ?? environmentBackend() ?? "auto"

/** `--threads`, for this process and its helpers. */
const setThreads = (given: Arguments): Effect.Effect<void, Mistake> => {
  const threads = text(given, "threads")
  if (threads === undefined) return Effect.void
  return Effect.map(whole("threads", threads, 1), (n) => {
    process.env["RELENT_THREADS"] = String(n)
  })
}

const application = (given: Arguments) =>
  Layer.mergeAll(
    Store.layer(storeFolder(given)),
    Layer.succeed(Resources, {
      backend: backendResource(backendName(given) as BackendName | "auto", given.options["eager"] === true),
    }),
    registry([...builtIn.values()]),
  )

const isUserError = (
  error: unknown,
): error is { readonly _tag: string; readonly message: string; readonly hint?: string } =>
  typeof error === "object" && error !== null && "_tag" in error && "message" in error

/** What an ended command leaves: the finished steps, and of a training the last checkpoint. */
const interrupted = (how: string, resume: string | undefined): string =>
  resume === undefined
    ? `\n${how}.`
    : `\n${how}. What was finished is kept, and trainings go on from their last checkpoints; go on with:\n  ${resume}`

/** Says in one place what went wrong and what to do, and gives the exit code. */
const end = (exit: Exit.Exit<number | void, unknown>, resume: string | undefined): number => {
  if (Exit.isSuccess(exit)) return exit.value ?? exitCode.done
  if (Cause.hasInterruptsOnly(exit.cause)) {
    console.error(interrupted("Interrupted", resume))
    return exitCode.interrupted
  }
  const error = Cause.squash(exit.cause)
  if (!Cause.hasFails(exit.cause) || !isUserError(error)) throw error
  const isStage = error._tag === "StepFailed"
  const code = isStage ? exitCode.stage : error._tag === "CheckFailed" ? exitCode.differs : exitCode.user
  console.error(`${code === exitCode.user ? "" : "\n"}${cleanLines(error.message)}`)
  if (error.hint !== undefined) console.error(`  ${cleanLines(error.hint)}`)
  if (error instanceof PipelineInvalid)
    console.error(`  ${error.problems.length} problem${error.problems.length > 1 ? "s" : ""}; nothing was run`)
  if (isStage && resume !== undefined) console.error(`What was finished is kept; go on with:\n  ${resume}`)
  return code
}

/** Runs a command's effect. Ctrl-C interrupts it, a second one ends the process. `resume` is the command that goes on. */
export const perform = async <E>(
  effect: Effect.Effect<number | void, E, Stages | Names | Store | Resources>,
  given: Arguments,
  resume?: string,
): Promise<number> => {
  let fiber: Fiber.Fiber<number | void, unknown> | undefined
  // Before the fibre starts: it runs on the spot until it first waits.
  const done = onStop(
    () => {
      if (fiber) Effect.runFork(Fiber.interrupt(fiber))
    },
    () => {
      console.error(interrupted("Interrupted at once", resume))
      process.exit(exitCode.interrupted)
    },
  )
  const program: Effect.Effect<number | void, E | Mistake> = Effect.andThen(
    Effect.andThen(oneOf("backend", backendName(given), backends), setThreads(given)),
    Effect.provide(effect, application(given)),
  )
  fiber = Effect.runFork(program)
  const exit = await Effect.runPromise(Fiber.await(fiber))
  try {
    return end(exit, resume)
  } finally {
    done()
  }
}
