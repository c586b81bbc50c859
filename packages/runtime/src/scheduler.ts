/** Runs steps as soon as what they read is finished, a bounded number at once. */
import { handlesOf, type Step } from "@relent/stage"
import { Deferred, Effect, Semaphore } from "effect"

/** What a step needs from its readers' point of view: the results of the steps it reads. */
export type Finished<Result> = (step: Step) => Effect.Effect<Result>

/**
 * Runs `body` for every step, after the steps it reads; `concurrency` bodies at once. The first failure ends all others.
 * Steps are given in an order in which each comes after all that it reads.
 */
export const schedule = <Result, E, R>(
  steps: ReadonlyArray<Step>,
  concurrency: number,
  body: (step: Step, finished: Finished<Result>) => Effect.Effect<Result, E, R>,
): Effect.Effect<ReadonlyMap<Step, Result>, E, R> =>
  Effect.gen(function* () {
    const slots = yield* Semaphore.make(concurrency)
    const results = new Map<Step, Deferred.Deferred<Result>>()
    for (const step of steps) results.set(step, yield* Deferred.make<Result>())
    const finished: Finished<Result> = (step) => Deferred.await(results.get(step)!)
    const one = (step: Step) =>
      Effect.forEach(handlesOf(step.inputs), (handle) => finished(handle.step), { discard: true }).pipe(
        Effect.andThen(slots.withPermits(1)(body(step, finished))),
        Effect.tap((result) => Deferred.succeed(results.get(step)!, result)),
        Effect.map((result) => [step, result] as const),
      )
    return new Map(yield* Effect.forEach(steps, one, { concurrency: "unbounded" }))
  })
