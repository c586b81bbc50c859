/** Files that stages declare, out of npm packages. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { pathToFileURL } from "node:url"
import { Effect } from "effect"
import { expect, it } from "vitest"
import { openSource } from "../src/sources.ts"
import { newFolder } from "./harness.ts"

const folder = newFolder()
const write = (path: string, text: string) => {
  mkdirSync(dirname(join(folder, path)), { recursive: true })
  writeFileSync(join(folder, path), text)
}
const module = pathToFileURL(join(folder, "stage.ts")).href
const open = (name: string, file = "data/rows.csv") =>
  Effect.runPromise(openSource({ package: name, file }, module, [folder]).pipe(Effect.flatMap(({ bytes }) => bytes)))

it("are found also where the package exports neither them nor its package.json, nor has an entry", async () => {
  write("node_modules/open/package.json", '{"name": "open"}')
  write("node_modules/@scope/closed/package.json", '{"name": "@scope/closed", "exports": {"./none": "./none.js"}}')
  for (const name of ["open", "@scope/closed"]) {
    write(`node_modules/${name}/data/rows.csv`, `x\n${name}\n`)
    expect(new TextDecoder().decode(await open(name))).toBe(`x\n${name}\n`)
  }
})

it("are asked for where the package, or the file, is missing", async () => {
  await expect(open("none")).rejects.toMatchObject({ hint: "install the package 'none'" })
  await expect(open("open", "data/other.csv")).rejects.toMatchObject({
    path: "open/data/other.csv",
    reason: "there is no such file",
  })
})
