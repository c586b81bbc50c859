/** On a graphics card, or one in software: for the long tier. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { Backend, OutOfTensorMemory, Tensors, tf } from "../src/index.ts"
import { noCard } from "../src/testing.ts"
import { NoSynchronousRead } from "../src/webgpu/failures.ts"

const why = process.env["RELENT_VERIFY"] === "1" ? await noCard() : "pnpm verify runs it"

const on = <A, E>(layer: typeof Backend.webgpu, effect: Effect.Effect<A, E, Backend>) =>
  Effect.runPromise(Effect.provide(effect, layer))
const valuesOf = (f: () => tf.Tensor) =>
  Backend.use((backend) =>
    backend.run(
      Tensors.leakFree(
        Effect.promise(async () => {
          const tensor = tf.tidy(f)
          const values = await tensor.data()
          tensor.dispose()
          return Array.from(values)
        }),
      ),
    ),
  )
const grid = (rows: number, columns: number) =>
  tf.tensor2d(
    Float32Array.from({ length: rows * columns }, (_, i) => (((i * 37) % 257) - 128) / 64),
    [rows, columns],
  )
const gradient = (f: (x: tf.Tensor) => tf.Tensor) => tf.grad((x) => tf.sum(tf.square(f(x))))(grid(5, 12))

const small: { readonly [name: string]: () => tf.Tensor } = {
  product: () => tf.matMul(grid(17, 33), grid(9, 33), false, true),
  "product over a long axis": () => tf.matMul(grid(64, 3000), grid(32, 3000), false, true),
  "transpose of whole numbers": () =>
    tf.cast(tf.transpose(tf.reshape(tf.cast(grid(8, 30), "int32"), [4, 6, 10]), [2, 0, 1]), "float32"),
  "transpose of booleans": () =>
    tf.cast(tf.transpose(tf.reshape(tf.greater(grid(8, 30), 0), [4, 6, 10]), [2, 0, 1]), "float32"),
  "sums of segments": () =>
    tf.unsortedSegmentSum(grid(40, 3), tf.mod<tf.Tensor1D>(tf.range(0, 40, 1, "int32"), tf.scalar(7, "int32")), 9),
  softmax: () => tf.softmax(grid(7, 300)),
  logSumExp: () => tf.logSumExp(grid(300, 7), 0),
  erf: () => tf.erf(grid(3, 40)),
  gather: () => tf.gather(grid(40, 3), tf.tensor1d([39, 0, 7], "int32")),
  "dense gradient": () => gradient((x) => tf.tanh(tf.matMul(x, grid(12, 4)))),
  "softplus gradient": () => gradient((x) => tf.softplus(x)),
  "argMax and cast": () => tf.cast(tf.argMax(grid(30, 9), 1), "float32"),
}

describe.skipIf(why !== undefined)(`webgpu${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  it("says what its numbers depend on", () =>
    on(
      Backend.webgpu,
      Backend.use(({ device, numerics, records }) =>
        Effect.sync(() => {
          expect(numerics).toMatch(
            /^webgpu tfjs-4\.22\.0 dawn-\S+ driver=\S+ programs-\d+ composed-\d+ threads=1 probe=[0-9a-f]{16}$/,
          )
          expect([device !== "", records]).toEqual([true, false])
        }),
      ),
    ))
  it.each(Object.keys(small))("gives the numbers of cpu: %s", async (name) => {
    const [card, cpu] = [
      await on(Backend.webgpu, valuesOf(small[name]!)),
      await on(Backend.cpu, valuesOf(small[name]!)),
    ]
    expect(card).toHaveLength(cpu.length)
    const scale = Math.max(1, ...cpu.map(Math.abs))
    for (const [i, value] of cpu.entries()) expect(Math.abs(card[i]! - value) / scale).toBeLessThan(1e-5)
  })
  it("refuses what its memory can't hold, and goes on", () =>
    on(
      Backend.webgpu,
      Effect.gen(function* () {
        const huge = () => tf.tile(tf.zeros([2 ** 20]), [2 ** 20])
        expect(yield* Effect.flip(valuesOf(huge))).toEqual(new OutOfTensorMemory({ backend: "webgpu", bytes: 2 ** 42 }))
        expect(yield* valuesOf(() => tf.square(tf.ones([2])))).toEqual([1, 1])
      }),
    ))
  it("reads nothing without waiting", () =>
    on(
      Backend.webgpu,
      Effect.gen(function* () {
        const backend = yield* Backend
        const read = Effect.sync(() => tf.tidy(() => tf.square(tf.ones([3])).dataSync()))
        const thrown = yield* backend.run(read).pipe(Effect.catchDefect((defect) => Effect.succeed(defect)))
        expect(thrown).toBeInstanceOf(NoSynchronousRead)
      }),
    ))
  it("a process ends in silence, and tells a lost device", { timeout: 60_000 }, async () => {
    const script = join(import.meta.dirname, "lost-device.ts")
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [script], { timeout: 60_000 })
    expect(stderr).toBe("")
    expect(stdout).toMatch(/^DeviceLost: the device of backend 'webgpu' was lost: destroyed.*\nDeviceLost\n$/)
  })
})
