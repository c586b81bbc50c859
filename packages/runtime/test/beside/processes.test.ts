/** Several processes in one store; their owners die, are stopped, and their numbers are used again. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { setImmediate as immediately } from "node:timers/promises"
import { check, Pipeline } from "@relent/stage"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { afterEach, expect, it } from "vitest"
import { collectGarbage, run, verifyStore } from "../../src/index.ts"
import { noise } from "../family.ts"
import { filesIn, go, inStore, memory, newFolder, watch } from "../harness.ts"

/** Six processes in the long tier, two here. */
const [processes, rounds] = process.env["RELENT_VERIFY"] === "1" ? [6, 10] : [2, 1]
const main = join(import.meta.dirname, "process.main.ts")

const started: Array<ChildProcess> = []
afterEach(() => started.splice(0).forEach((child) => child.kill("SIGKILL")))

/** A process that does `what` in a store, with the lines that it says. */
const start = (what: "run" | "lock", store: string, key = "") => {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, what, store, key], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  started.push(child)
  const lines = createInterface(child.stdout)
  return { child, said: async (): Promise<unknown> => JSON.parse((await once(lines, "line"))[0] as string) }
}
const atOnce = (store: string) =>
  Promise.all(
    Array.from(
      { length: processes },
      () => start("run", store).said() as Promise<{ computed: Array<string>; outputs: unknown }>,
    ),
  )

it(`${processes} processes that ask for one key get one result, computed once`, { timeout: 3_600_000 }, async () => {
  for (let round = 0; round < rounds; round++) {
    const store = newFolder(memory)
    const all = await atOnce(store)
    expect(all.flatMap(({ computed }) => computed).toSorted()).toEqual(["scale", "walk"])
    expect(new Set(all.map(({ outputs }) => JSON.stringify(outputs))).size).toBe(1)
    expect(filesIn(join(store, "objects"))).toHaveLength(6)
    expect(await inStore(store, verifyStore(store, false))).toMatchObject({ damaged: [] })
  }
})

const always = (store: string) =>
  Effect.forever(Effect.andThen(collectGarbage(store, { keep: 0, grace: Number.NEGATIVE_INFINITY }), Effect.sleep(20)))

it("nor does somebody who collects all the time disturb them", { timeout: 3_600_000 }, async () => {
  for (let round = 0; round < rounds; round++) {
    const store = newFolder(memory)
    const garbage = Effect.runFork(always(store))
    const all = await atOnce(store)
    await Effect.runPromise(Fiber.interrupt(garbage))
    expect(new Set(all.map(({ outputs }) => JSON.stringify(outputs))).size).toBe(1)
    expect(await inStore(store, verifyStore(store, false))).toMatchObject({ damaged: [] })
  }
})

it("who waits for a stopped process is told which; a dead one's lock is free, whoever has its number then", async () => {
  const pipeline = Pipeline.make({ name: "wait", seed: 1, outputs: noise() })
  const { manifest } = await go(newFolder(memory), pipeline)
  const store = newFolder(memory)
  const owner = start("lock", store, manifest.steps[0]!.key)
  expect(await owner.said()).toBe("locked")
  owner.child.kill("SIGSTOP")
  const { events, report, ended } = watch()
  const waiting = () => events.filter(({ _tag }) => _tag === "StepWaiting")
  const wait = Effect.gen(function* () {
    const fiber = yield* Effect.forkChild(Effect.flatMap(check(pipeline), (plan) => run(plan, { report })))
    /** Time goes by until something is so. */
    const until = (holds: () => boolean): Effect.Effect<void> =>
      Effect.suspend(() =>
        holds()
          ? Effect.void
          : Effect.andThen(
              TestClock.adjust("1 second"),
              Effect.andThen(
                Effect.promise(() => immediately()),
                until(holds),
              ),
            ),
      )
    yield* until(() => waiting().length > 0)
    expect(waiting()).toMatchObject([{ step: "noise", process: owner.child.pid }])
    owner.child.kill("SIGKILL")
    yield* Effect.promise(() => once(owner.child, "close"))
    // A process that lives has the number now, as far as anybody can tell: this one.
    for (const path of filesIn(join(store, "locks")).filter((file) => file.endsWith(".owner")))
      writeFileSync(path, String(process.pid))
    yield* until(() => ended().length > 0)
    yield* Fiber.join(fiber)
    expect([ended(), waiting().length]).toEqual([["noise computed"], 1])
  })
  await inStore(store, Effect.provide(wait, TestClock.layer()))
})
