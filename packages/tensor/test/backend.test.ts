import { availableParallelism } from "node:os"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { fileURLToPath } from "node:url"
import { Deferred, Effect, Fiber } from "effect"
import { describe, expect, it } from "vitest"
import { Backend, KernelMissing, OutOfTensorMemory, tf } from "../src/index.ts"
import { installation } from "../src/tensorflow/installation.ts"
import { on } from "./on.ts"

const refused = (f: () => unknown) =>
  Effect.gen(function* () {
    const backend = yield* Backend
    return yield* backend.run(Effect.sync(() => tf.tidy(() => void f()))).pipe(Effect.flip)
  })

describe("wasm", () => {
  it("says what its numbers depend on", () =>
    on.wasm(
      Effect.gen(function* () {
        const { numerics, threads, version } = yield* Backend
        expect(numerics).toMatch(/^wasm tfjs-4\.22\.0 simd=(relaxed|plain) relent-3 composed-4 probe=[0-9a-f]{16}$/)
        expect([threads, version]).toEqual([availableParallelism(), "4.22.0"])
      }),
    ))
  it("lets one computation run at a time", () =>
    on.wasm(
      Effect.gen(function* () {
        const backend = yield* Backend
        const gate = yield* Deferred.make<void>()
        const order: Array<string> = []
        const first = yield* Effect.forkChild(
          backend.run(Deferred.await(gate).pipe(Effect.andThen(Effect.sync(() => order.push("first"))))),
        )
        yield* Effect.yieldNow
        const second = yield* Effect.forkChild(backend.run(Effect.sync(() => order.push("second"))))
        yield* Effect.yieldNow
        yield* Deferred.succeed(gate, undefined)
        yield* Fiber.join(first)
        yield* Fiber.join(second)
        expect(order).toEqual(["first", "second"])
      }),
    ))
  it("shares the permit with a computation inside, also on the other backend", () =>
    on.wasm(
      Effect.gen(function* () {
        const wasm = yield* Backend
        const cpu = yield* Backend.pipe(Effect.provide(Backend.cpu))
        const name = Effect.sync(() => tf.getBackend())
        const opened = Backend.use((b) => b.run(name)).pipe(Effect.provide(Backend.cpu))
        const names = yield* wasm.run(Effect.all([wasm.run(name), cpu.run(name), name, opened, name]))
        expect(names).toEqual(["wasm", "cpu", "wasm", "cpu", "wasm"])
      }),
    ))
  it("names a kernel that it lacks, and who has it", () =>
    on.wasm(
      Effect.gen(function* () {
        const error = yield* refused(() => tf.complex(tf.ones([2]), tf.ones([2])))
        const native = installation() === undefined ? [] : ["tensorflow"]
        const available = [...native, "webgpu", "cpu"]
        expect(error).toEqual(new KernelMissing({ kernel: "Complex", backend: "wasm", lacks: "kernel", available }))
        expect((error as KernelMissing).hint).toContain("'webgpu' or 'cpu' has it")
      }),
    ))
  it("knows what it lacks before anything is computed", () =>
    on.wasm(
      Effect.gen(function* () {
        const { missing, need } = yield* Backend
        expect(missing).toContain("FFT")
        expect(missing).not.toContain("Conv2D")
        expect(yield* need(["Conv2D", "LogSoftmax"])).toBeUndefined()
        expect(yield* Effect.flip(need(["Conv2D", "FFT"]))).toMatchObject({ kernel: "FFT", lacks: "kernel" })
        expect((yield* Backend.pipe(Effect.provide(Backend.cpu))).missing).toEqual([])
      }),
    ))
  it("has second derivatives, also after another backend was opened", () =>
    on.wasm(
      Effect.gen(function* () {
        yield* Backend.pipe(Effect.provide(Backend.cpu))
        const backend = yield* Backend
        const bent = Effect.promise(async () => {
          const y = tf.tidy(() => tf.grad(tf.grad((x) => tf.tanh(x)))(tf.scalar(0.5)))
          const [value] = await y.data()
          y.dispose()
          return value
        })
        expect(yield* backend.run(bent)).toBeCloseTo(-2 * Math.tanh(0.5) * (1 - Math.tanh(0.5) ** 2), 5)
      }),
    ))
  it("names an operation without gradient", () =>
    on.wasm(
      Effect.gen(function* () {
        const error = yield* refused(() => tf.grad((x) => tf.cumprod(x))(tf.ones([3])))
        expect(error).toEqual(
          new KernelMissing({ kernel: "Cumprod", backend: "wasm", lacks: "gradient", available: [] }),
        )
      }),
    ))
  it("refuses what its memory can't hold", () =>
    on.wasm(
      Effect.gen(function* () {
        const error = yield* refused(() => tf.tile(tf.zeros([2 ** 16]), [2 ** 14]))
        expect(error).toEqual(new OutOfTensorMemory({ backend: "wasm", bytes: 2 ** 32 }))
      }),
    ))
  it("doesn't take a bug for an error of the device", () =>
    on.wasm(
      Effect.gen(function* () {
        const backend = yield* Backend
        const exit = yield* Effect.exit(
          backend.run(Effect.sync(() => tf.tidy(() => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))))),
        )
        expect(exit._tag).toBe("Failure")
        expect(String(exit)).toContain("Die")
      }),
    ))
})

describe("cpu", () => {
  it("is another numerics class", () =>
    on.cpu(
      Effect.gen(function* () {
        const backend = yield* Backend
        expect(backend.numerics).toMatch(/^cpu tfjs-4\.22\.0 composed-3 probe=/)
        const name = yield* backend.run(Effect.sync(() => tf.getBackend()))
        expect(name).toBe("cpu")
      }),
    ))
})

/** What a script prints and complains of in a process of its own, where no backend is open yet. */
const inProcess = (script: string) => {
  const index = fileURLToPath(new URL("../src/index.ts", import.meta.url))
  const imports = `import { Effect } from "effect"
    import { Backend, Tensors, tf } from ${JSON.stringify(index)}\n`
  const given = ["--input-type=module-typescript", "--eval", imports + script]
  return promisify(execFile)(process.execPath, given, { cwd: import.meta.dirname, timeout: 30_000 })
}

describe("a process", () => {
  it("opens wasm in silence, keeps no handlers, and exits", async () => {
    const { stdout, stderr } = await inProcess(`
      const handlers = () => process.listenerCount("uncaughtException") + process.listenerCount("unhandledRejection")
      const main = Effect.gen(function* () {
        const backend = yield* Backend
        yield* backend.run(Effect.promise(async () => { const t = tf.ones([3]); await t.data(); t.dispose() }))
        console.log(handlers(), Tensors.count(), backend.numerics)
      })
      for (let i = 0; i < 2; i++) await Effect.runPromise(Effect.provide(main, Backend.wasm))`)
    expect(stderr).toBe("")
    expect(stdout.split("\n").slice(0, 2)).toEqual([
      expect.stringMatching(/^0 0 wasm /),
      expect.stringMatching(/^0 0 wasm /),
    ])
  })

  it("where a backend doesn't open is told why, and what to do", async () => {
    const { stdout } = await inProcess(`
      WebAssembly.instantiate = () => Promise.reject(new Error("no room for it"))
      const { message, hint, _tag } = await Effect.runPromise(Backend.pipe(Effect.provide(Backend.wasm), Effect.flip))
      console.log(JSON.stringify([_tag, message, hint]))`)
    expect(JSON.parse(stdout)).toEqual([
      "BackendUnavailable",
      "backend 'wasm' can't be used: no room for it",
      expect.stringContaining("'cpu'"),
    ])
  })
})
