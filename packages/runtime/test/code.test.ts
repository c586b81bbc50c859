import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import { afterEach, beforeEach, describe, expect, it } from "vitest"
import { CodeReader } from "../src/code/code-digest.ts"

let folder: string
const write = (path: string, text: string) => {
  mkdirSync(join(folder, path, ".."), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const digest = (path = "src/stage.ts", root = folder) =>
  Effect.runPromise(new CodeReader().digest(pathToFileURL(join(root, path)).href))

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "relent code "))
  write("package.json", '{"name": "mine", "version": "1.0.0", "type": "module"}')
  write("node_modules/dep/package.json", '{"name": "dep", "version": "1.0.0", "main": "index.js"}')
  write("node_modules/dep/index.js", "export const dep = 1")
  write(
    "src/stage.ts",
    'import { type T, a } from "./a.ts"\nimport type { U } from "./types.ts"\nimport { dep } from "dep"\nimport { readFileSync } from "node:fs"\nexport const run = (x: T & U) => [a, dep, readFileSync, x]\nexport const lazy = () => import("./lazy.ts")\n',
  )
  write("src/a.ts", 'export * from "./b.ts"\nexport type T = number\nexport const a = "from \'./nowhere.ts\'"\n')
  write("src/b.ts", 'import "./a.ts"\nexport const b = 1\n')
  write("src/types.ts", "export type U = number\n")
  write("src/lazy.ts", "export const lazy = 1\n")
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe("the digest of a stage's code", () => {
  it("names every file of the closure, cycles included, and the versions of dependencies", async () => {
    expect(Object.keys((await digest()).files)).toEqual([
      "dep@1.0.0",
      "mine/src/a.ts",
      "mine/src/b.ts",
      "mine/src/stage.ts",
    ])
  })

  it("changes with an imported module, a comment, and a dependency's version", async () => {
    const before = (await digest()).digest
    const edits = [
      () => write("src/b.ts", 'import "./a.ts"\nexport const b = 2\n'),
      () => write("src/a.ts", 'export * from "./b.ts"\n// a comment\nexport type T = number\nexport const a = ""\n'),
      () => write("node_modules/dep/package.json", '{"name": "dep", "version": "1.0.1", "main": "index.js"}'),
    ]
    const seen = new Set([before])
    for (const edit of edits) {
      edit()
      seen.add((await digest()).digest)
    }
    expect(seen.size).toBe(4)
  })

  it("doesn't change with what isn't imported: a sibling, a type, a lazy module", async () => {
    const before = (await digest()).digest
    write("src/sibling.ts", "export const s = 1\n")
    write("src/types.ts", "export type U = string\n")
    write("src/lazy.ts", "export const lazy = 2\n")
    expect((await digest()).digest).toBe(before)
  })

  it("is the same in another folder", async () => {
    const copy = mkdtempSync(join(tmpdir(), "relent-copy-"))
    cpSync(folder, copy, { recursive: true })
    expect((await digest("src/stage.ts", copy)).digest).toBe((await digest()).digest)
    rmSync(copy, { recursive: true })
  })

  it("walks through workspace packages, whose links lead out of node_modules", async () => {
    const { files } = await Effect.runPromise(
      new CodeReader().digest(new URL("../src/scheduler.ts", import.meta.url).href),
    )
    expect(Object.keys(files)).toContain("@relent/stage/src/handle.ts")
    expect(Object.keys(files).filter((file) => file.startsWith("effect@"))).toHaveLength(1)
  })

  it("says what is missing, and who wants it", async () => {
    write("src/b.ts", 'import "./gone.ts"\n')
    const message = await digest().catch((error: Error) => error.message)
    expect(message).toMatch(/gone\.ts/)
    write("src/b.ts", 'import "undeclared"\n')
    expect(await digest().catch((error: Error) => error.message)).toMatch(
      /b\.ts: imports 'undeclared', which isn't installed/,
    )
  })
})
