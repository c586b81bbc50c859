/** The tensor device as a service. The library is loaded when a layer is built, not when this module is. */
import { Context, Effect, Layer, Predicate, Semaphore } from "effect"
import { BackendUnavailable, DeviceLost, KernelMissing, OutOfTensorMemory } from "./error.ts"
import { kernelMissing, needKernels } from "./kernel.ts"
import { chooseBackend } from "./choose.ts"
import type { Opened } from "./opened.ts"
import { outOfMemory } from "./out-of-memory.ts"
import { StepInvalid } from "./recorded/step.ts"

/** As they are listed, best first; `chooseBackend` says which of them `auto` takes. */
export const backendNames = ["tensorflow", "webgpu", "wasm", "cpu"] as const
export type BackendName = (typeof backendNames)[number]
/** What the device itself can say: caught as defects, since tensor code is plain functions. */
export type TensorError = KernelMissing | OutOfTensorMemory | DeviceLost | StepInvalid

/** The library's engine is global: one tensor computation at a time in a process, whatever the backend. */
const permit = Semaphore.makeUnsafe(1)
/** The backend whose permit the fiber holds. */
const Held = Context.Reference<BackendName | undefined>("relent/tensor/Held", { defaultValue: () => undefined })

export class Backend extends Context.Service<
  Backend,
  {
    readonly name: BackendName
    /** Of TensorFlow.js. */
    readonly version: string
    /** Versions of what is below TensorFlow.js, e.g. `tensorflow-2.21.0`. */
    readonly libraries: ReadonlyArray<string>
    /** What it runs on. */
    readonly device: string
    readonly threads: number
    /** Steps are recorded and replayed; else they run operation by operation. */
    readonly records: boolean
    /** Operations of TensorFlow.js that it has no kernel for, by their names there. */
    readonly missing: ReadonlyArray<string>
    /** Fails for the first of these operations that is missing. */
    readonly need: (kernels: ReadonlyArray<string>) => Effect.Effect<void, KernelMissing>
    /** Part of the key of a result: equal strings promise equal bits. */
    readonly numerics: string
    /**
     * Runs a computation alone on the device. A missing kernel, a full memory or a lost device is its typed error; tensors that it
     * leaves behind are a warning in the log. Inside another `run` it shares that one's permit.
     */
    readonly run: <A, E, R>(computation: Effect.Effect<A, E, R>) => Effect.Effect<A, E | TensorError, R>
  }
>()("relent/Backend") {
  /** Native TensorFlow, once `relent backend add tensorflow` has installed it: steps are recorded as graphs. */
  static readonly tensorflow: Layer.Layer<Backend, BackendUnavailable> = Layer.effect(
    Backend,
    Effect.suspend(() => open("tensorflow")),
  )
  /** A graphics card through WebGPU, with the npm package `webgpu` and the card's driver. */
  static readonly webgpu: Layer.Layer<Backend, BackendUnavailable> = Layer.effect(
    Backend,
    Effect.suspend(() => open("webgpu")),
  )
  /** TensorFlow.js compiled to WebAssembly, with kernels and threads of ours: there on every machine. */
  static readonly wasm: Layer.Layer<Backend, BackendUnavailable> = Layer.effect(
    Backend,
    Effect.suspend(() => open("wasm")),
  )
  /** Plain JavaScript: the slow reference, with a kernel for nearly everything. */
  static readonly cpu: Layer.Layer<Backend, BackendUnavailable> = Layer.effect(
    Backend,
    Effect.suspend(() => open("cpu")),
  )
  /** The best that this machine has: `chooseBackend` says which and why. */
  static readonly auto: Layer.Layer<Backend, BackendUnavailable> = Layer.effect(
    Backend,
    Effect.suspend(() => open(chooseBackend().name)),
  )
}

/** Layers built under it run every step operation by operation, also where it could be recorded. For finding faults. */
export const Eager = Context.Reference<boolean>("relent/tensor/Eager", { defaultValue: () => false })

const hints = {
  tensorflow: "install it with 'relent backend add tensorflow', or choose the backend 'wasm'",
  webgpu: "update the graphics card's driver, or choose the backend 'wasm'",
  wasm: "reinstall @tensorflow/tfjs-backend-wasm, or choose the backend 'cpu'",
  cpu: "reinstall @tensorflow/tfjs-backend-cpu",
}

const load: { readonly [name in BackendName]: () => Promise<Opened> } = {
  tensorflow: async () => (await import("./tensorflow/open.ts")).open(),
  webgpu: async () => (await import("./webgpu/open.ts")).open(),
  wasm: async () => (await import("./wasm/open.ts")).open(),
  cpu: async () => {
    await import("@tensorflow/tfjs-backend-cpu")
    const { mendAveragePool, mendGeometry, registerComposed } = await import("./composed/index.ts")
    registerComposed("cpu")
    mendAveragePool("cpu")
    mendGeometry("cpu")
    const { overrides } = await import("./override.ts")
    return { device: "CPU", libraries: [], kernels: overrides.cpu.kernels, threads: 1, bitsByThreads: false }
  },
}

type Known = Pick<Backend["Service"], "version" | "missing" | "numerics">

/** What was opened stays open: the library can't close a backend and open it again. */
const opened = new Map<BackendName, Promise<Opened & Known>>()

const start = async (name: BackendName) => {
  const { numericsOf } = await import("./numerics.ts")
  const { missingOn } = await import("./kernel-names.ts")
  const tf = await import("@tensorflow/tfjs-core")
  tf.enableProdMode() // no banner
  const { registerGradients } = await import("./gradients.ts")
  await registerGradients()
  const found = await load[name]()
  await tf.setBackend(name)
  return { ...found, version: tf.version_core, missing: missingOn(name), numerics: await numericsOf(name, found) }
}

/** Takes the permit, unless the fiber holds it; a computation around this one finds its backend again. */
const alone = <A, E, R>(name: BackendName, effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.gen(function* () {
    const held = yield* Held
    const mine = Effect.provideService(effect, Held, name)
    return yield* held === undefined ? permit.withPermits(1)(mine) : Effect.ensuring(mine, activate(held))
  })

const activate = (name: BackendName) =>
  Effect.promise(() => import("@tensorflow/tfjs-core").then((tf) => tf.setBackend(name)))

/** The library rejects with an error, or with something that has a message only. */
const reasonOf = (cause: unknown) => (Predicate.hasProperty(cause, "message") ? String(cause.message) : String(cause))

const open = (name: BackendName) =>
  Effect.gen(function* () {
    const opening = Effect.tryPromise({
      try: () => {
        const known = opened.get(name) ?? start(name)
        opened.set(name, known)
        return known
      },
      catch: (cause) => {
        opened.delete(name)
        if (cause instanceof BackendUnavailable) return cause
        return new BackendUnavailable({ backend: name, reason: reasonOf(cause), hint: hints[name] })
      },
    })
    const { device, libraries, threads, version, missing, numerics } = yield* alone(name, opening)
    const records = (name === "tensorflow" || name === "wasm") && !(yield* Eager)
    const run = <A, E, R>(computation: Effect.Effect<A, E, R>): Effect.Effect<A, E | TensorError, R> =>
      Effect.gen(function* () {
        yield* activate(name)
        const { memory } = yield* Effect.promise(() => import("@tensorflow/tfjs-core"))
        const before = memory().numTensors
        const result = yield* computation.pipe(Effect.catchDefect((thrown) => typed(thrown, name)))
        const left = memory().numTensors - before
        if (left > 0) yield* Effect.logWarning(`${left} tensors were left behind`)
        return result
      }).pipe((effect) => alone(name, effect))
    const mode = name === "tensorflow" ? (records ? " recorded" : " eager") : ""
    const need = (kernels: ReadonlyArray<string>) => needKernels(kernels, { name, missing })
    return { name, device, libraries, threads, version, missing, need, records, numerics: numerics + mode, run }
  })

const typed = (thrown: unknown, backend: BackendName): Effect.Effect<never, TensorError> =>
  Effect.gen(function* () {
    if (thrown instanceof OutOfTensorMemory || thrown instanceof DeviceLost || thrown instanceof StepInvalid)
      return yield* Effect.fail(thrown)
    const full = outOfMemory(thrown, backend)
    if (full !== undefined) return yield* Effect.fail(full)
    const missing = yield* Effect.promise(() => kernelMissing(thrown, backend))
    return yield* missing === undefined ? Effect.die(thrown) : Effect.fail(missing)
  })
