/** Every rule of the index sees what is planted here, and names file and line. */
import { execFileSync, spawnSync } from "node:child_process"
import { mkdirSync, mkdtempSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { describe, expect, it } from "vitest"
import { check } from "../src/check.ts"
import { rules } from "../src/rules/index.ts"
import { repository, stageWith } from "./workspace.ts"

type Planted = readonly [files: Readonly<Record<string, string | undefined>>, ...found: ReadonlyArray<string>]

const inStage = (line: string): Planted => [
  { "plugins/toy/src/learn.ts": stageWith(line) },
  "plugins/toy/src/learn.ts:1",
]
const inNn = (line: string): Planted => [{ "packages/nn/src/index.ts": line }, "packages/nn/src/index.ts:1"]
const manifest = (name: string, dependency: string) =>
  JSON.stringify({ name: `@relent/${name}`, dependencies: { "@relent/stage": "*", [dependency]: "*" } }, null, 2)

const planted: Readonly<Record<string, ReadonlyArray<Planted>>> = {
  arrows: [
    [{ "plugins/toy/package.json": manifest("toy", "@relent/other") }, "plugins/toy/package.json:5"],
    [{ "plugins/toy/package.json": manifest("toy", "@tensorflow/tfjs-core") }, "plugins/toy/package.json:5"],
    [{ "packages/nn/package.json": manifest("nn", "@relent/tensor") }, "packages/nn/package.json:4"],
    [
      {
        "plugins/toy/package.json": manifest("toy", "@relent/runtime"),
        "plugins/toy/src/rows.ts": '\nexport const rows = () => import("@relent/runtime")\n',
      },
      "plugins/toy/package.json:5",
      "plugins/toy/src/rows.ts:2",
    ],
    [{ "packages/extra/package.json": "{}" }, "docs/design.md:1"],
  ],
  declared: [
    inStage('import { parse } from "csv-parse/sync"'),
    inStage('import type { Rows } from "csv-parse"'),
    inStage('import { it } from "vitest"'),
    inStage('import { Table } from "../../../packages/arrow/src/index.ts"'),
    inStage('import { inflate } from "zlib"'),
    [{ "plugins/toy/test/a.test.ts": 'import fc from "fast-check"\n' }, "plugins/toy/test/a.test.ts:1"],
  ],
  layout: [
    [{ "plugins/toy/lib/rows.ts": "export {}\n" }, "plugins/toy/lib/rows.ts:1"],
    [{ "plugins/toy/README.md": undefined }, "plugins/toy/src/learn.ts:7"],
    [{ "plugins/toy/test/learn.test.ts": undefined }, "plugins/toy/src/learn.ts:7"],
    [{ "plugins/toy/tsconfig.json": undefined }, "plugins/toy/package.json:1"],
    [{ "plugins/toy/suites/more.yaml": "" }, "plugins/toy/src/index.ts:1"],
    [{ "plugins/toy/src/index.ts": 'export const suites = ["suites/toy.yaml"]\n' }, "plugins/toy/src/index.ts:1"],
    [
      {
        "plugins/toy/src/learn.ts": stageWith(
          '/** @reference none: x */\nexport const more = Stage.make("toy/more", {})',
        ),
      },
      "plugins/toy/src/index.ts:1",
      "plugins/toy/src/learn.ts:2",
    ],
  ],
  length: [[{ "packages/nn/test/long.ts": "export {}\n".repeat(601) }, "packages/nn/test/long.ts:601"]],
  links: [
    [{ "docs/walk.md": "# Walk\n\n[gone](../packages/nn/src/gone.ts)\n" }, "docs/walk.md:3"],
    [{ "docs/walk.md": "[`whole`](../packages/nn/src/index.ts#L1)\n" }, "docs/walk.md:1"],
    [{ "docs/walk.md": "\n[`more`](../plugins/toy/suites/toy.yaml) [`suite`](../plugins/toy)\n" }, "docs/walk.md:2"],
    [{ "README.md": "[`half`](packages/nn/src/index.ts) [x](https://x.org) [y](#y)\n```md\n[x](gone.md)\n```\n" }],
  ],
  "log-ratio": [
    inStage("export const a = (p: number, q: number) => p * Math.log(p / q)"),
    inNn("export const a = (p: number, q: number) => Math.log2((p as number) / q!)"),
    inNn("export const a = (p: number, q: number) => Math.log(p) - Math.log(q)"),
    inNn("export const a = (tf: any, p: any, q: any) => tf.log(tf.div(p, q))"),
    inNn("export const a = (p: any, q: any) => p.div(q).log()"),
    inNn("export const a = (p: any, q: any, { log, div }: any) => log(div(p, q))"),
    inNn("export const a = (tf: any, p: any, q: any) => tf.sub(tf.log(p), tf.log(q))"),
    inNn("export const a = (p: any, q: any) => p.log().sub(q.log())"),
  ],
  purity: [
    inStage('import { readFileSync } from "node:fs"'),
    inStage('import { randomUUID } from "node:crypto"'),
    inStage('import { resolve } from "node:path"'),
    inStage('import { setTimeout } from "node:timers/promises"'),
    inStage("export const now = () => Date.now()"),
    inStage("export const now = () => new Date()"),
    inStage("export const now = performance.now()"),
    inStage("export const home = process.env"),
    inStage("export const home = { process }"),
    inStage("export const wait = setTimeout(() => {}, 1)"),
    inStage("export const load = (name: string) => import(name)"),
    inStage("export const here = import.meta.dirname"),
    inStage("export const x = (tf: any) => tf.randomNormal([1])"),
    inStage("export const x = (Effect: any) => Effect.sleep(1)"),
    [
      { "packages/stage/src/collect.ts": stageWith("export const now = Date.now()") },
      "packages/stage/src/collect.ts:1",
    ],
    [{ "apps/runner/src/index.ts": "export const x = Math.random()\n" }, "apps/runner/src/index.ts:1"],
  ],
  references: [
    inStage("/** @reference kulback1951 */"),
    inStage("/** @reference none: */"),
    [{ "references.bib": "@article{kullback1951,\n}\n@book{kullback1951,\n}\n" }, "references.bib:1"],
    [{ "plugins/toy/suites/toy.yaml": "suite: toy\nsource: nobody\n" }, "plugins/toy/suites/toy.yaml:2"],
    [
      {
        "plugins/toy/src/learn.ts":
          'import { Stage } from "@relent/stage"\n\nexport const a = Stage.make("toy/learn", {})',
      },
      "plugins/toy/src/learn.ts:3",
    ],
    [
      { "plugins/toy/src/loss.ts": '\nexport const kd = Loss.define(import.meta.url, "toy/kd", 1, {})\n' },
      "plugins/toy/src/loss.ts:2",
    ],
  ],
  "tagged-errors": [
    inStage('export const fail = () => { throw new Error("no") }'),
    inStage('export const fail = () => Promise.reject(TypeError("no"))'),
    inStage('export const fail = () => { throw "no" }'),
    inStage("export class Wrong extends Error {}"),
    [{ "apps/runner/src/a.ts": "\n\nthrow new RangeError()\n" }, "apps/runner/src/a.ts:3"],
  ],
}

const found = (files: Planted[0]) => check(repository(files)).map(({ rule, path, line }) => `${rule} ${path}:${line}`)

it("nothing is found where all rules are kept", () => {
  expect(check(repository())).toEqual([])
})

describe.each(rules)("$name", ({ name }) => {
  it("names file and line of what is planted", () => {
    expect(planted[name]?.length).toBeGreaterThan(0)
    for (const [files, ...places] of planted[name]!)
      expect([files, ...found(files)]).toEqual([files, ...places.map((place) => `${name} ${place}`)])
  })
})

describe("an allowance", () => {
  it("holds for its line or the next, for its rule, and must be of use", () => {
    const draw = "export const x = Math.log(a / b)"
    const at = (text: string) => found({ "packages/nn/src/index.ts": text })
    expect(at(`// allow log-ratio: a test\n${draw}`)).toEqual([])
    expect(at(`${draw} // allow log-ratio: a test`)).toEqual([])
    expect(at(`// allow purity: a test\n${draw}`)).toEqual([
      "allow packages/nn/src/index.ts:1",
      "log-ratio packages/nn/src/index.ts:2",
    ])
    expect(at(`// allow log-ratio:\n${draw}`)).toEqual(["log-ratio packages/nn/src/index.ts:2"])
  })
})

it("the command reads what git would track, prints a line each, and fails", () => {
  const root = mkdtempSync(join(tmpdir(), "checks-"))
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true })
    writeFileSync(join(root, path), text)
  }
  execFileSync("git", ["init", "-q", root])
  for (const [path, text] of repository().files) write(path, text)
  const run = () =>
    spawnSync(process.execPath, [join(import.meta.dirname, "../src/main.ts"), root], { encoding: "utf8" })
  expect(run()).toMatchObject({ status: 0, stdout: "10 projects, 29 files, 0 problems\n" })
  write(".gitignore", "dist\n")
  write("packages/nn/dist/index.ts", "export const x = Math.random()\n")
  write("packages/nn/src/index.ts", "\nexport const x = Math.random()\n")
  const { status, stdout } = run()
  expect(status).toBe(1)
  expect(stdout.split("\n")).toHaveLength(3)
  expect(stdout).toContain("packages/nn/src/index.ts:2: purity: Math.random draws without seed")
})
