/** What was built is installed only if it loads and computes right; what the child says is in the error. */
import { createHash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { type Addon, wrongWith } from "../../src/tensorflow/install/product.ts"
import { selfTest } from "../../src/tensorflow/install/self-test.ts"
import { failure, ofTest } from "./machine.ts"

const machine = ofTest()

/** An addon in JavaScript whose products are off by `error`. */
const addon = (error: number): Addon => {
  const values = new Map<number, ReadonlyArray<number>>()
  const create = (numbers: ArrayLike<number>) => {
    values.set(values.size, Array.from(numbers))
    return values.size - 1
  }
  return {
    TF_Version: "2.21.0",
    TF_FLOAT: 1,
    TF_ATTR_BOOL: 3,
    TF_ATTR_TYPE: 4,
    createTensor: (_, __, numbers) => create(numbers),
    deleteTensor: () => {},
    tensorDataSync: (id) => values.get(id)!,
    executeOp: (_, __, [left, right]) => {
      const [a, b] = [values.get(left!)!, values.get(right!)!]
      const at = (i: number, j: number) => a[3 * i]! * b[j]! + a[3 * i + 1]! * b[2 + j]! + a[3 * i + 2]! * b[4 + j]!
      return [{ id: create([at(0, 0), at(0, 1), at(1, 0), at(1, 1) + error]), shape: [2, 2] }]
    },
  }
}

describe("the product", () => {
  it("of an addon that multiplies is right", () => {
    expect(wrongWith(addon(0), "2.21.0")).toBeUndefined()
  })
  it("with one wrong bit is wrong", () => {
    expect(wrongWith(addon(2 ** -17), "2.21.0")).toBe(
      "a matrix product is [2, 2]: 59.5, 48, 142, 90.00000762939453 instead of [2, 2]: 59.5, 48, 142, 90",
    )
  })
  it("of another version isn't asked for", () => {
    expect(wrongWith(addon(0), "2.22.0")).toBe("it is TensorFlow 2.21.0, not 2.22.0")
  })
})

describe("an addon that doesn't load", () => {
  it("because it isn't one", async () => {
    machine.write("built/addon.node", createHash("sha256").update("no library").digest())
    const error = await failure(selfTest(machine.path("built"), "2.21.0"))
    expect(error._tag).toBe("SelfTestFailed")
    expect(error.message).toMatch(/fails its self-test, so it isn't installed: .*addon\.node: file too short/)
    expect(error.hint).toContain("report this")
  })
  it("because it isn't there", async () => {
    expect((await failure(selfTest(machine.path("built"), "2.21.0"))).said).toContain("Cannot find module")
  })
})
