import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { expect, it } from "vitest"

/** The numerics class, and x^2 less its own rounding: nothing is left where a product is rounded before it is added. */
const script = `
  import { Effect } from "effect"
  import { Backend, tf } from "@relent/tensor"
  const square = async () => {
    const x = Math.fround(0.7)
    const y = tf.tidy(() => tf.matMul(tf.tensor2d([[-1, x]]), tf.tensor2d([[Math.fround(x * x)], [x]])))
    const [value] = await y.data()
    y.dispose()
    return value
  }
  const found = Backend.use((b) => Effect.map(b.run(Effect.promise(square)), (value) => [b.numerics, value]))
  console.log(JSON.stringify(await Effect.runPromise(Effect.provide(found, Backend.wasm))))`

it("$RELENT_SIMD=plain is a class of its own, with products rounded before they are added", async () => {
  const { stdout } = await promisify(execFile)(process.execPath, ["--input-type=module-typescript", "--eval", script], {
    cwd: import.meta.dirname,
    env: { ...process.env, RELENT_SIMD: "plain" },
  })
  const [numerics, value] = JSON.parse(stdout) as readonly [string, number]
  expect(numerics).toContain("simd=plain")
  expect(value).toBe(0)
})
