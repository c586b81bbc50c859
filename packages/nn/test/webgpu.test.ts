/** Training on a graphics card, or one in software: for the long tier. */
import { Backend } from "@relent/tensor"
import { noCard } from "@relent/tensor/testing"
import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import { fit, type TrainingState } from "../src/index.ts"
import { on } from "./on.ts"
import { training } from "./problem.ts"

const why = process.env["RELENT_VERIFY"] === "1" ? await noCard() : "pnpm verify runs it"
const steps = 20

describe.skipIf(why !== undefined)(`training on webgpu${why === undefined ? "" : ` (skipped: ${why})`}`, () => {
  it("gives the weights of cpu, and the same bytes when it is cut and resumed", { timeout: 240_000 }, async () => {
    let half: TrainingState | undefined
    const save = ({ state }: { readonly state: TrainingState }) => Effect.sync(() => void (half = state))
    const given = training({ steps, checkpoint: { load: Effect.succeedNone, save } })
    const card = await on(fit(given), Backend.webgpu)
    const load = Effect.sync(() => Option.some({ step: 10, state: half! }))
    expect(half).toBeDefined()
    expect(await on(fit({ ...given, checkpoint: { load, save: () => Effect.void } }), Backend.webgpu)).toEqual(card)

    const cpu = await on(fit(given), Backend.cpu)
    const weights = (state: TrainingState) => Object.entries(state.parameters)
    expect(weights(card)).toHaveLength(weights(cpu).length)
    for (const [i, [path, { values }]] of weights(cpu).entries()) {
      expect(weights(card)[i]![0]).toBe(path)
      for (const [j, value] of values.entries()) expect(weights(card)[i]![1].values[j]).toBeCloseTo(value, 4)
    }
  })
})
