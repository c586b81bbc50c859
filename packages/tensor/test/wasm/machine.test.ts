import type { BackendWasm } from "@tensorflow/tfjs-backend-wasm"
import { expect, it } from "vitest"
import { tf } from "../../src/index.ts"
import { machineOf } from "../../src/wasm/machine.ts"
import { once } from "./property.ts"

it(
  "whole numbers are kept once, where they stay",
  once(async () => {
    const machine = machineOf(tf.backend() as BackendWasm)
    const [first, again, other] = [
      [1, 2, 3],
      [1, 2, 3],
      [1, 23],
    ].map((numbers) => machine.keep(Int32Array.from(numbers)))
    expect(again).toBe(first)
    expect(other).not.toBe(first)
    expect([...machine.integers(first!, 3)]).toEqual([1, 2, 3])
    expect([...machine.integers(other!, 2)]).toEqual([1, 23])
  }),
)
