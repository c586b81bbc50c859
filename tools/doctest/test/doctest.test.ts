import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { examplesIn, moduleOf } from "../src/example.ts"
import { holds, mistakenModule, mistakesIn } from "../src/mistake.ts"

const root = mkdtempSync(join(import.meta.dirname, ".doctest-"))
afterAll(() => rmSync(root, { recursive: true }))

const doc = (...lines: ReadonlyArray<string>) =>
  `export const x = 1\n/**\n * Text.\n *\n${lines.map((line) => ` * ${line}\n`).join("")} */\nexport const y = 2\n`
const only = (...code: ReadonlyArray<string>) => {
  const examples = examplesIn("a.ts", doc("```ts", ...code, "```"))
  expect(examples).toHaveLength(1)
  return examples[0]!
}
let count = 0
const execute = async (...code: ReadonlyArray<string>) => {
  const file = join(root, `${count++}.ts`)
  writeFileSync(file, moduleOf(only(...code)))
  await import(/* @vite-ignore */ file)
}

describe("an example", () => {
  it("stands on its lines", () => {
    expect(only("const z = 1", "z // => 1").line).toBe(6)
    expect(moduleOf(only("const z = 1", "z // => 1")).split("\n").slice(5, 7)).toEqual([
      "const z = 1",
      "await __is(z, 1) // => 1",
    ])
  })
  it("passes where values are as written, and are awaited", async () => {
    await execute(
      'import { join } from "node:path"',
      'join("a", "b") // => "a/b"',
      "const z = [1, 2] // => [1, 2]",
      "z;",
    )
    await execute("Promise.resolve({ a: Float32Array.of(1) }) // => { a: Float32Array.of(1) }")
    await execute("[3, 1, 2]", "  .toSorted()", "  .map((v) => v * 2) // => [2, 4, 6]")
  })
  it("fails where a value is another", async () => {
    await expect(execute("1 + 1 // => 3")).rejects.toThrow("expected 2 to deeply equal 3")
    await expect(execute("const z = 2 // => 3")).rejects.toThrow("expected 2 to deeply equal 3")
    await expect(execute("Promise.resolve(1) // => 2")).rejects.toThrow("expected 1 to deeply equal 2")
    await expect(execute('throw new RangeError("thrown")')).rejects.toThrow("thrown")
  })
  it("is never skipped in silence", () => {
    expect(() => moduleOf(only("function f() {} // => 3"))).toThrow("a.ts:6: '// =>' follows no expression")
    expect(() => moduleOf(only("1", "// => 1"))).toThrow("a.ts:7: '// =>' follows no expression")
    expect(() => moduleOf(only("1 +"))).toThrow("a.ts")
    expect(() => examplesIn("a.ts", doc("```", "1", "```"))).toThrow("a.ts:5: '' is no language")
    expect(() => examplesIn("a.ts", doc("```typescript", "1", "```"))).toThrow("'typescript' is no language")
    expect(() => examplesIn("a.ts", doc("```ts", "1"))).toThrow("a.ts:5: the fence has no end")
    expect(examplesIn("a.ts", doc("```yaml", "a: 1", "```"))).toEqual([])
    expect(examplesIn("README.md", "# a\n\n```ts\n1\n```\n")).toEqual([{ path: "README.md", line: 4, code: "\n\n\n1" }])
  })
})

describe("a mistake on purpose", () => {
  const text = `import { a } from "./a.ts"
// @ts-expect-error Type 'string' is not assignable
//   Type 'b' ... 'c'
a("x")
`
  it("is the line below, with what is said of it", () => {
    expect(mistakesIn(text)).toEqual([{ line: 4, says: ["Type 'string' is not assignable", "Type 'b' ... 'c'"] }])
    const [first, , , last] = mistakenModule("packages/stage/test/types.ts", text).split("\n")
    expect([first, last]).toEqual(['import { a } from "../test/a.ts"', 'a("x")'])
    expect(mistakenModule("packages/stage/test/types.ts", text)).not.toContain("@ts-expect-error")
  })
  it("is said line by line, with gaps", () => {
    const message = "Type 'string' is not assignable to type 'number'.\n  Between.\n  Type 'b' isn't (that of) 'c'."
    expect(holds(message, mistakesIn(text)[0]!.says)).toBe(true)
    expect(holds(message, ["Type 'b'", "Type 'string'"])).toBe(false)
    expect(holds(message, ["Type 'strings'"])).toBe(false)
    expect(holds(message, ["Type 'b' isn't (that of) 'c'."])).toBe(true)
  })
})
