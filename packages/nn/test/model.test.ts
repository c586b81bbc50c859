import { decodeTable, encodeTable, tensorValue } from "@relent/arrow"
import { source } from "@relent/random"
import { testBackend } from "@relent/tensor/testing"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { fit, initMlp, loadModel, Model, predict } from "../src/index.ts"
import { on } from "./on.ts"
import { labels, shape, training, values } from "./problem.ts"

const random = source({ seed: 1, stream: "model" })
const start = (members: number, more: Partial<Model> = {}): Model => ({
  kind: "mlp",
  ...shape(members),
  input: { dtype: "float32", scale: 1 },
  parameters: initMlp(shape(members), random),
  ...more,
})
const file = (model: Model) => new Uint8Array(Buffer.concat([...encodeTable(Model.encode(model))]))

describe("a model", () => {
  it("crosses a table without losing a bit", async () => {
    const { parameters } = await on(fit(training({ steps: 3 })))
    const model = start(2, { parameters, activation: "gelu", input: { dtype: "uint8", scale: 1 / 255 } })
    expect(await Effect.runPromise(loadModel(decodeTable(file(model))))).toEqual(model)
  })

  it("is read and used in a few lines", async () => {
    const { parameters } = await on(fit(training({ steps: 200 })))
    const bytes = file(start(2, { parameters }))

    const model = await Effect.runPromise(loadModel(decodeTable(bytes)))
    const logits = await Effect.runPromise(predict(model, values).pipe(Effect.provide(testBackend)))

    const right = labels.reduce((count, label, row) => {
      const own = logits.subarray(3 * row, 3 * row + 3)
      return count + Number(own.indexOf(Math.max(...own)) === label)
    }, 0)
    expect(right / labels.length).toBeGreaterThan(0.9)
  })

  it("gives the logits of its layers, for each member, over many batches", async () => {
    const model = start(2, { input: { dtype: "uint8", scale: 1 / 255 } })
    const rows = 2345
    const images = Uint8Array.from({ length: rows * 4 }, (_, i) => (i * 31) % 256)
    const logits = await on(predict(model, images))
    const [w0, w1] = [0, 1].map((l) => model.parameters[`layers/${l}/weight`]!.values as Float32Array)
    for (const [m, row] of [
      [0, 0],
      [1, 999],
      [0, 1000],
      [1, 2344],
    ] as const) {
      const x = [...images.subarray(row * 4, row * 4 + 4)].map((v) => v / 255)
      const h = Array.from({ length: 8 }, (_, j) =>
        Math.max(
          0,
          x.reduce((s, v, i) => s + v * w0![m * 32 + i * 8 + j]!, 0),
        ),
      )
      const z = Array.from({ length: 3 }, (_, c) => h.reduce((s, v, j) => s + v * w1![m * 24 + j * 3 + c]!, 0))
      z.forEach((v, c) => expect(logits[(m * rows + row) * 3 + c]).toBeCloseTo(v, 5))
    }
  })

  it("refuses inputs unlike those of its training", async () => {
    const model = start(1, { input: { dtype: "uint8", scale: 1 / 255 } })
    const message = (v: Uint8Array | Float32Array) => on(Effect.map(Effect.flip(predict(model, v)), (e) => e.message))
    expect(await message(new Float32Array(4))).toBe("the inputs are float32, the model was trained on uint8")
    expect(await message(new Uint8Array(6))).toBe("6 numbers aren't rows of 4")
  })

  it.each([
    ["no bias", { "layers/1/bias": undefined }, "there is no tensor 'layers/1/bias'"],
    [
      "weights of other widths",
      { "layers/0/weight": tensorValue("float32", new Float32Array(8), [1, 2, 4]) },
      "tensor 'layers/0/weight' is float32 [1, 2, 4], wanted float32 [1, 4, 8]",
    ],
  ])("with %s is refused", async (_, change, message) => {
    const model = start(1)
    const parameters = Object.fromEntries(
      Object.entries({ ...model.parameters, ...change }).filter(([, tensor]) => tensor !== undefined),
    ) as Model["parameters"]
    const error = await Effect.runPromise(Effect.flip(loadModel(Model.encode({ ...model, parameters }))))
    expect(error._tag).toBe("TableMismatch")
    expect(error.message).toContain(message)
  })
})
