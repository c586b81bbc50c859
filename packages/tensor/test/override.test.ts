import { readFileSync } from "node:fs"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { Backend, tf } from "../src/index.ts"
import { overrides } from "../src/override.ts"
import { testBackend } from "../src/testing.ts"

const rows = Object.entries(overrides).flatMap(([backend, { kernels, list }]) =>
  list.map(({ kernel, why }) => `| ${backend} | ${kernels} | ${kernel} | ${why} |`),
)

it("the README has the table of what backends override", () => {
  const readme = readFileSync(new URL("../README.md", import.meta.url), "utf8")
  const found = readme
    .split("\n")
    .filter((line) => Object.keys(overrides).some((name) => line.startsWith(`| ${name} |`)))
  expect(found).toEqual(rows)
})

it("the backend has its kernels, and they are part of its numerics class", () =>
  Effect.runPromise(
    Effect.provide(
      Effect.gen(function* () {
        const { name, numerics } = yield* Backend
        const { kernels, list } = overrides[name]
        expect(numerics).toContain(` ${kernels} `)
        expect(list.filter(({ kernel }) => tf.getKernel(kernel, name) === undefined)).toEqual([])
      }),
      testBackend,
    ),
  ))
