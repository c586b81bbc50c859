import { readFileSync } from "node:fs"
import { join } from "node:path"
import { toDocument } from "@relent/stage"
import { expect, it } from "vitest"
import { moons } from "./moons.ts"

it("the README's TypeScript pipeline is the one that compiles here", () => {
  const root = join(import.meta.dirname, "../../..")
  expect(readFileSync(join(root, "README.md"), "utf8")).toContain(
    readFileSync(join(import.meta.dirname, "moons.ts"), "utf8"),
  )
  expect(Object.keys(toDocument(moons).stages)).toEqual([
    "two-moons",
    "train-classifier@learningRate=0.001",
    "evaluate@learningRate=0.001",
    "train-classifier@learningRate=0.01",
    "evaluate@learningRate=0.01",
    "collect",
  ])
})
