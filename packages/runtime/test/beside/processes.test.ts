/** Several processes in one store; their owners die, are stopped, and their numbers are used again. */
import { type ChildProcess, spawn } from "node:child_process"
import { once } from "node:events"
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Effect, Fiber } from "effect"
import { TestClock } from "effect/testing"
import { afterEach, expect, it } from "vitest"
import { collectGarbage, Store, verifyStore, Waiting } from "../../src/index.ts"
import { filesIn, inStore, memory, newFolder } from "../harness.ts"

/** Six processes in the long tier, two here. */
const [processes, rounds] = process.env["RELENT_VERIFY"] === "1" ? [6, 30] : [2, 1]
const main = join(import.meta.dirname, "process.main.ts")

const started: Array<ChildProcess> = []
afterEach(() => started.splice(0).forEach((child) => child.kill("SIGKILL")))

/** A process that does `what` in a store, with the lines that it says. */
const start = (what: "run" | "lock", store: string) => {
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", main, what, store], {
    stdio: ["ignore", "pipe", "inherit"],
  })
  started.push(child)
  const lines = createInterface(child.stdout)
  return { child, said: async (): Promise<unknown> => JSON.parse((await once(lines, "line"))[0] as string) }
}
const atOnce = (store: string) =>
  Promise.all(
    Array.from(
      { length: 6 },
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
  const store = newFolder(memory)
  const owner = start("lock", store)
  expect(await owner.said()).toBe("locked")
  owner.child.kill("SIGSTOP")
  const wait = Effect.gen(function* () {
    const told: Array<number> = []
    const fiber = yield* Store.use(({ withLock }) => withLock("key", Effect.succeed("mine"))).pipe(
      Effect.provideService(Waiting, (process) => Effect.sync(() => void told.push(process))),
      Effect.forkChild,
    )
    yield* TestClock.adjust("1 minute")
    expect(told).toEqual([owner.child.pid])
    owner.child.kill("SIGKILL")
    yield* Effect.promise(() => once(owner.child, "close"))
    // A process that lives has the number now, as far as anybody can tell: this one.
    for (const path of filesIn(join(store, "locks")).filter((file) => file.endsWith(".owner")))
      writeFileSync(path, String(process.pid))
    yield* TestClock.adjust("1 minute")
    expect(yield* Fiber.join(fiber)).toBe("mine")
    expect(told).toHaveLength(1)
  })
  await inStore(store, Effect.provide(wait, TestClock.layer()))
})
