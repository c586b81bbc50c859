/** Threads share outputs, and change no bits. */
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { setTimeout } from "node:timers/promises"
import { promisify } from "node:util"
import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Backend, tf } from "../../src/index.ts"
import { batchMatMul, dense } from "../../src/wasm/kernel/product.ts"
import { type Machine, machineWith } from "../../src/wasm/machine.ts"
import { moduleOf } from "../../src/wasm/module.ts"
import { FLOAT, type OwnKernel, type Place } from "../../src/wasm/own.ts"
import { on } from "../on.ts"
import { draws } from "./property.ts"

const placed = (backend: BackendWasm, { shape, dtype, dataId }: tf.TensorInfo): Place => ({
  shape,
  dtype,
  address: backend.getMemoryOffset(dataId),
})

/** What a kernel computes with a machine of its own. */
const computed = async <Names extends string, Attributes>(
  machine: Machine,
  kernel: OwnKernel<Names, Attributes>,
  shapes: { readonly [name in Names]: Array<number> },
  attributes: Attributes,
): Promise<Float32Array> => {
  const backend = tf.backend() as BackendWasm
  const inputs = Object.entries<Array<number>>(shapes).map(([name, shape], i) => {
    const values = draws(i, tf.util.sizeFromShape(shape))
    return [name, tf.tensor(values, shape)] as const
  })
  const places = Object.fromEntries(inputs.map(([name, tensor]) => [name, placed(backend, tensor)])) as {
    readonly [name in Names]: Place
  }
  const [out] = kernel.outputs(places, attributes)!
  const made = tf.zeros(out!.shape)
  kernel.bind(machine, places, [placed(backend, made)], attributes)()
  const values = (await made.data()) as Float32Array
  tf.dispose([made, ...inputs.map(([, tensor]) => tensor)])
  return values
}

/** Products whose rows, columns or matrices are shared, by every number of threads unevenly. */
const products = (machine: Machine): ReadonlyArray<Promise<Float32Array>> => [
  computed(machine, batchMatMul, { a: [301, 333], b: [333, 77] }, {}),
  computed(machine, batchMatMul, { a: [100, 41], b: [517, 100] }, { transposeA: true, transposeB: true }),
  computed(machine, batchMatMul, { a: [11, 64, 33], b: [11, 64, 33] }, { transposeB: true }),
  computed(machine, batchMatMul, { a: [2, 1, 90, 70], b: [1, 70, 91] }, {}),
  computed(machine, dense, { x: [3, 70, 300], weight: [3, 300, 64], bias: [3, 1, 64] }, { activation: "relu" }),
  computed(machine, dense, { x: [40, 301], weight: [301, 203], bias: [203] }, { activation: "linear" }),
]

describe("threads on wasm", () => {
  it("change no bits, be they 1, 2, 3 or 8", () =>
    on.wasm(
      Effect.gen(function* () {
        const { run } = yield* Backend
        const all = async () => {
          const backend = tf.backend() as BackendWasm
          const alone = await Promise.all(products(machineWith(backend, 1)))
          for (const threads of [2, 3, 8]) {
            const machine = machineWith(backend, threads)
            await Promise.all(products(machine)) // starts them
            for (let i = 0; i < 500 && machine.waiting() < threads - 1; i++) await setTimeout(10)
            expect(machine.waiting()).toBe(threads - 1)
            expect(await Promise.all(products(machine))).toEqual(alone)
          }
        }
        yield* run(Effect.promise(all))
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
          const [from, to] = [placed(backend, x).address, placed(backend, y).address]
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
