/** Everything that docstrings and READMEs show holds, and the compiler says of mistakes what is written beside them. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { compile, removeModules, writeModules } from "../src/compiler.ts"
import { examplesIn, moduleOf } from "../src/example.ts"
import { holds, mistakenModule, mistakesIn } from "../src/mistake.ts"
import { compiledPath, filesThat, workspace } from "../src/workspace.ts"

const read = (path: string) => readFileSync(join(workspace, path), "utf8")
const examples = filesThat(/^\w+\/[^/]+\/(?:src\/.*\.ts|README\.md)$/).flatMap((path) => examplesIn(path, read(path)))
const mistaken = filesThat(/\.ts$/).filter((path) => /^\s*\/\/ @ts-expect-error/m.test(read(path)))
const modules = new Map([
  ...examples.map((example) => [compiledPath(example.path, example.line), moduleOf(example)] as const),
  ...mistaken.map((path) => [compiledPath(path), mistakenModule(path, read(path))] as const),
])
writeModules(modules)
const diagnostics = compile(modules)
afterAll(() => removeModules(modules))

const saidOf = (path: string) => diagnostics.filter((diagnostic) => diagnostic.path === path)

describe("examples", () => {
  it.each(examples.map((example) => [`${example.path}:${example.line}`, example] as const))(
    "%s",
    async (_, example) => {
      const path = compiledPath(example.path, example.line)
      expect(saidOf(path)).toEqual([])
      await import(/* @vite-ignore */ join(workspace, path))
    },
    60_000, // the first import of a library takes its time
  )
})

describe("mistakes", () => {
  const all = mistaken.flatMap((path) =>
    mistakesIn(read(path)).map((one) => [`${path}:${one.line}`, path, one] as const),
  )
  it.each(all)("%s", (_, path, { line, says }) => {
    const said = saidOf(compiledPath(path)).filter((diagnostic) => diagnostic.line === line)
    const messages = said.map(({ message }) => message).join("\n")
    expect(says[0], "write what the compiler says").not.toBe("")
    expect(holds(messages, says) ? says : messages.split("\n")).toEqual(says)
  })
})

it("the compiler says nothing else", () => {
  expect(diagnostics.filter(({ path }) => !modules.has(path))).toEqual([])
})
