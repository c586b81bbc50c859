/** Threads share outputs, and change no bits. */
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { setTimeout } from "node:timers/promises"
import { promisify } from "node:util"
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Backend, tf } from "../../src/index.ts"
import { type Machine, machineWith } from "../../src/wasm/machine.ts"
import { moduleOf } from "../../src/wasm/module.ts"
import { FLOAT } from "../../src/wasm/own.ts"
import { on } from "../on.ts"
import { works } from "./works.ts"

/** A machine for which all work is worth sharing, and how many shares it has made at most. */
const counting = (backend: BackendWasm, threads: number) => {
  const machine = machineWith(backend, threads, 1)
  let most = 0
  const share: Machine["share"] = (work, call) => {
    let shares = 0
    const made = machine.share(work, (...given) => {
      shares++
      return call(...given)
    })
    most = Math.max(most, shares)
    return made
  }
  const taken = () => {
    const before = most
    most = 0
    return before
  }
  return { machine: { ...machine, share }, taken }
}

describe("threads on wasm", () => {
  it("change no bits of any kernel, be they 1, 2, 3 or 8", () =>
    on.wasm(
      Effect.gen(function* () {
        const { run } = yield* Backend
        const all = Object.entries(works).flatMap(([family, works]) => works.map((work, i) => ({ family, i, work })))
        const compared = async () => {
          const backend = tf.backend() as BackendWasm
          const one = machineWith(backend, 1)
          const alone = await Promise.all(all.map(({ work }) => work(one)))
          for (const threads of [2, 3, 8]) {
            const { machine, taken } = counting(backend, threads)
            await works.products[0]!(machine) // starts them
            for (let i = 0; i < 500 && machine.waiting() < threads - 1; i++) await setTimeout(10)
            expect(machine.waiting()).toBe(threads - 1)
            taken()
            for (const [at, { family, i, work }] of all.entries()) {
              const found = await work(machine)
              expect([family, i, taken() > 1, found]).toEqual([family, i, true, alone[at]])
            }
          }
        }
        yield* run(Effect.promise(compared))
      }),
    ))

  it("have no part in a kernel's trap: it is an error here, and what follows is right", () =>
    on.wasm(
      Effect.gen(function* () {
        const { run } = yield* Backend
        const all = async () => {
          const backend = tf.backend() as BackendWasm
          const machine = machineWith(backend, 2)
          const beyond = 2 ** 32 - 16 * FLOAT
          const [x, y] = [tf.range(-64, 0), tf.zeros([64])]
          const [from, to] = [backend.getMemoryOffset(x.dataId), backend.getMemoryOffset(y.dataId)]
          /** Two shares of 32 numbers, which are written to these places. */
          const shared = (...places: readonly [number, number]) =>
            machine.share({ count: 2, grain: 1, cost: 1e9 }, (i) => ["sign", from, places[i]!, 32])
          const sound = shared(to, to + 32 * FLOAT)
          for (let i = 0; i < 500 && machine.waiting() < 1; i++, sound()) await setTimeout(10)
          for (const places of [
            [to, beyond],
            [beyond, to],
          ] as const) {
            expect(shared(...places)).toThrow("memory access out of bounds")
            moduleOf(backend).HEAPU8.fill(0, to, to + 64 * FLOAT)
            sound()
            expect(await y.data()).toEqual(new Float32Array(64).fill(-1))
          }
          tf.dispose([x, y])
        }
        yield* run(Effect.promise(all))
      }),
    ))

  it.skipIf(!existsSync("/proc/self/task"))("come with work that is worth it, and end with the process", async () => {
    const script = `
      import { readdirSync } from "node:fs"
      import { setTimeout } from "node:timers/promises"
      import { Effect } from "effect"
      import { Backend, tf } from "@relent/tensor"
      const threads = () => readdirSync("/proc/self/task").length
      const product = async (n) => {
        const y = tf.tidy(() => tf.matMul(tf.ones([n, n]), tf.ones([n, n])))
        await y.data()
        y.dispose()
      }
      const listeners = () => process.eventNames().reduce((n, name) => n + process.listenerCount(name), 0)
      const begin = listeners()
      const found = await Effect.runPromise(
        Backend.use(({ run }) =>
          run(Effect.promise(async () => {
            const before = threads()
            for (let i = 0; i < 50; i++) await product(20)
            const small = threads() - before
            await product(300)
            for (let i = 0; i < 500 && threads() - before < 2; i++) await setTimeout(10)
            await product(300)
            return { small, large: threads() - before, listeners: listeners() - begin }
          })),
        ).pipe(Effect.provide(Backend.wasm)),
      )
      console.log(JSON.stringify(found))`
    const { stdout, stderr } = await promisify(execFile)(
      process.execPath,
      ["--input-type=module-typescript", "--eval", script],
      { cwd: import.meta.dirname, env: { ...process.env, RELENT_THREADS: "3" } },
    )
    expect([JSON.parse(stdout), stderr]).toEqual([{ small: 0, large: 2, listeners: 0 }, ""])
  })
})
