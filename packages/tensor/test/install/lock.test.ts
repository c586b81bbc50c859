/** One at a time, in a process and over processes; who is killed has no lock any more. */
import { spawn } from "node:child_process"
import { existsSync } from "node:fs"
import { expect, it, vi } from "vitest"
import { Effect } from "effect"
import { alone } from "../../src/tensorflow/install/lock.ts"
import { failure, ofTest } from "./machine.ts"

const machine = ofTest()

it("two fibres take turns, and the one that waits says so once", async () => {
  const said: Array<string> = []
  const one = (name: string) =>
    alone(
      machine.path("a.lock"),
      () => said.push(`${name} waits`),
      Effect.gen(function* () {
        said.push(`${name} begins`)
        yield* Effect.sleep(20)
        said.push(`${name} ends`)
      }),
    )
  await Effect.runPromise(Effect.all([one("a"), one("b")], { concurrency: 2 }))
  expect(said).toEqual(["a begins", "b waits", "a ends", "b begins", "b ends"])
})

it("a process that is killed has it no more", async () => {
  const path = machine.path("a.lock")
  const program = `
    const { DatabaseSync } = require("node:sqlite")
    new DatabaseSync(${JSON.stringify(path)}).exec("BEGIN EXCLUSIVE")
    require("node:fs").writeFileSync(${JSON.stringify(machine.path("held"))}, "")
    setInterval(() => {}, 1000)`
  const owner = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", "-e", program])
  await vi.waitFor(() => expect(existsSync(machine.path("held"))).toBe(true), 5000)
  const waiting = vi.fn<() => void>(() => void owner.kill("SIGKILL"))
  expect(await Effect.runPromise(alone(path, waiting, Effect.succeed(1)))).toBe(1)
  expect(waiting).toHaveBeenCalledOnce()
})

it("where there can't be one", async () => {
  const error = await failure(alone("/proc/relent/a.lock", () => {}, Effect.void))
  expect(error).toMatchObject({ _tag: "CacheUnusable", path: "/proc/relent/a.lock" })
})
