import { Names } from "@relent/named"
import { Effect, Schema } from "effect"
import { describe, expect, it } from "vitest"
import { scheduleParameter, schedules } from "../src/index.ts"

/** No registry is asked: the members of `nn` are always there. */
const find = (_: string, name: string) => Effect.fail(`'${name}' is no plugin's`)
const decode = (spelling: unknown) =>
  Effect.runSync(
    Schema.decodeUnknownEffect(scheduleParameter)(spelling).pipe(
      Effect.map((named) => named.value),
      Effect.provideService(Names, { find }),
    ),
  )

/** Factors at steps 0, 5 and 9 of 10. */
const known: { readonly [name: string]: readonly [unknown, number, number, number] } = {
  "nn/constant": ["constant", 1, 1, 1],
  "nn/cosine": ["cosine", 1, 0.5, (1 - Math.cos(Math.PI / 10)) / 2],
  "nn/step-decay": [{ "step-decay": { every: 5, factor: 0.1 } }, 1, 0.1, 0.1],
  "nn/drop": [{ drop: { after: 0.5, factor: 0.2 } }, 1, 0.2, 0.2],
  "nn/exponential": [{ exponential: { end: 0.01 } }, 1, 0.1, 0.01 ** 0.9],
  "nn/warm-up": [
    { "warm-up": { steps: 4, next: "cosine" } },
    0.25,
    (1 + Math.cos(Math.PI / 6)) / 2,
    (1 + Math.cos((5 * Math.PI) / 6)) / 2,
  ],
}

describe.each(schedules.map((s) => [s.name]))("%s", (name) => {
  it("has the values of its formula", () => {
    const [spelling, ...values] = known[name]!
    const schedule = decode(spelling)
    ;[0, 5, 9].forEach((step, i) => expect(schedule(step, 10)).toBeCloseTo(values[i]!, 12))
  })
  it("stays in [0, 1]", () => {
    const schedule = decode(known[name]![0])
    for (const steps of [1, 4, 10, 1000])
      for (let step = 0; step < steps; step++) {
        expect(schedule(step, steps)).toBeGreaterThanOrEqual(0)
        expect(schedule(step, steps)).toBeLessThanOrEqual(1)
      }
  })
})

it("a parameter that isn't possible is refused", () => {
  expect(() => decode({ "step-decay": { every: 0, factor: 0.1 } })).toThrow("every")
  expect(() => decode({ drop: { after: 1.5 } })).toThrow("after")
  expect(() => decode({ exponential: { end: 0 } })).toThrow("end")
  expect(() => decode({ "warm-up": { steps: 4, next: "cosin" } })).toThrow("cosin")
})
