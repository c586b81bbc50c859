/** No training keeps tensors from step to step, and many runs take no more memory than some. */
import { execFile } from "node:child_process"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { promisify } from "node:util"
import { read, registry } from "@relent/stage"
import { chooseBackend } from "@relent/tensor/choose"
import { Effect } from "effect"
import { beforeAll, describe, expect, it } from "vitest"
import { builtIn } from "../src/plugins.ts"
import type { Seen } from "./training-memory.ts"

const verify = process.env["RELENT_VERIFY"] === "1"
const minutes = 60_000
const backends = ["wasm", ...(chooseBackend().name === "tensorflow" ? ["tensorflow"] : [])] as const

/** MiB. */
const sweepBound = 4

const look = async (what: "steps" | "sweep", backend: string) => {
  const command = [join(import.meta.dirname, "training-memory.ts"), what, backend]
  const options = { timeout: 15 * minutes, killSignal: "SIGKILL", maxBuffer: 1 << 26 } as const
  const { stdout } = await promisify(execFile)(process.execPath, command, options)
  return JSON.parse(stdout) as Readonly<Record<string, ReadonlyArray<Seen>>>
}

/** `training.yaml`, checked: its steps by the stage that each is of. */
const given = () =>
  read(readFileSync(join(import.meta.dirname, "training.yaml"), "utf8")).pipe(
    Effect.map(({ steps }) => Map.groupBy(steps, ({ step }) => step.stage.id)),
    Effect.provide(registry([...builtIn.values()])),
    Effect.runPromise,
  )

it("every stage of every plugin that keeps checkpoints trains in training.yaml", async () => {
  const plugins = await Promise.all([...builtIn.values()].map(({ load }) => load()))
  const stages = await Promise.all(plugins.flatMap((plugin) => Object.values(plugin.stages).map((load) => load())))
  const training = stages.filter(({ definition }) => definition.state !== undefined).map(({ id }) => id)
  expect(training.length).toBeGreaterThan(10)
  const here = await given()
  expect(training.filter((id) => !here.has(id))).toEqual([])
})

describe.runIf(verify).each(backends)("on %s", (backend) => {
  let found: Awaited<ReturnType<typeof look>>
  beforeAll(async () => void (found = await look("steps", backend)), 20 * minutes)

  it("every training holds as many tensors after 1,000 steps as after 100", async ({ task }) => {
    const training = [...(await given()).values()]
      .flat()
      .filter(({ step }) => step.stage.definition.state !== undefined)
    let most = 0
    for (const { step } of training) {
      const all = found[step.id] ?? []
      const [first, last] = [100, 1000].map((at) => all.find((one) => one.step === at))
      expect([step.id, first?.step, last?.step]).toEqual([step.id, 100, 1000])
      expect([step.id, last?.tensors]).toEqual([step.id, first?.tensors])
      most = Math.max(most, first!.tensors)
    }
    Object.assign(task.meta, { figures: `${training.length} trainings, ${most} tensors at most` })
  })

  it("fifty runs of a sweep take no more memory than twenty", { timeout: 20 * minutes }, async ({ task }) => {
    const { sweep = [] } = await look("sweep", backend)
    expect(sweep).toHaveLength(50)
    const [some, all] = [sweep[19]!, sweep[49]!]
    const growth = all.resident - some.resident
    Object.assign(task.meta, {
      figures: `${some.resident.toFixed(0)} MiB after 20, ${growth.toFixed(1)} MiB more after 50`,
    })
    expect(all.tensors).toBe(some.tensors)
    expect(growth).toBeLessThan(sweepBound)
  })
})
