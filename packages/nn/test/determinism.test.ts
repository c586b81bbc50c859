/** Equal numerics classes promise equal bits: the same training in processes of their own. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import { Backend } from "@relent/tensor"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"

const verify = process.env["RELENT_VERIFY"] === "1"
const minutes = 60_000

interface Trained {
  /** Their digest. */
  readonly weights: string
  readonly numerics: string
}

const train = async (
  [backend, mode, network]: readonly [string, string, string],
  steps: number,
  environment: { readonly [name: string]: string } = {},
): Promise<Trained> => {
  const command = [join(import.meta.dirname, "train.ts"), backend, mode, network, String(steps)]
  const { stdout } = await promisify(execFile)(process.execPath, command, {
    env: { ...process.env, ...environment },
    timeout: 10 * minutes,
    killSignal: "SIGKILL",
  })
  return JSON.parse(stdout) as Trained
}

/** Whatever differs between the runs, once each. */
const different = async (contender: readonly [string, string, string], processes: number, steps: number) => {
  const found = new Map<string, Trained>()
  for (let i = 0; i < processes; i++) {
    const trained = await train(contender, steps)
    found.set(JSON.stringify(trained), trained)
  }
  return [...found.values()]
}

/** Native TensorFlow is there if `auto` takes it. */
const best = Backend.use(({ name }) => Effect.succeed(name))
const native = verify && (await Effect.runPromise(Effect.provide(best, Backend.auto))) === "tensorflow"
const contenders = [
  ["wasm", "eager", "wide"],
  ["wasm", "eager", "convolutional"],
  ["cpu", "eager", "small"],
  ["tensorflow", "recorded", "wide"],
  ["tensorflow", "recorded", "convolutional"],
  ["tensorflow", "eager", "wide"],
  ["tensorflow", "eager", "convolutional"],
] as const

describe("the same training", () => {
  it("gives the same bits in another process", { timeout: minutes }, async () => {
    expect(await different(["wasm", "eager", "small"], 2, 5)).toHaveLength(1)
  })

  it.runIf(verify).for(contenders.filter(([backend]) => native || backend !== "tensorflow"))(
    "gives the same bits in ten processes, after 300 steps on %s, %s, %s",
    { timeout: 30 * minutes },
    async (contender, { task }) => {
      const found = await different(contender, 10, 300)
      expect(found).toHaveLength(1)
      Object.assign(task.meta, { figures: `${found[0]!.weights.slice(0, 16)} of ${found[0]!.numerics}` })
    },
  )

  it.runIf(native)(
    "on other threads, or with other kernels of TensorFlow's, is another numerics class",
    { timeout: 10 * minutes },
    async () => {
      const environments = [
        { TF_NUM_INTRAOP_THREADS: "1" },
        { TF_NUM_INTRAOP_THREADS: "2" },
        { TF_NUM_INTRAOP_THREADS: "2", TF_ENABLE_ONEDNN_OPTS: "0" },
      ]
      const classes = new Set<string>()
      for (const environment of environments)
        classes.add((await train(["tensorflow", "recorded", "convolutional"], 20, environment)).numerics)
      expect(classes.size).toBe(environments.length)
    },
  )
})
