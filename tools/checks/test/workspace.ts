/** A small repository that keeps all rules, to plant violations in. */
import { workspaceOf } from "../src/workspace.ts"

const design = "Two towers: `arrow, named <- stage <- runtime` and `arrow,\nnamed <- tensor <- divergence <- nn`."

const manifest = (name: string, dependencies: ReadonlyArray<string>) =>
  JSON.stringify(
    { name: `@relent/${name}`, dependencies: Object.fromEntries(dependencies.map((d) => [d, "*"])) },
    null,
    2,
  )

const stage = `import { Stage } from "@relent/stage"
/**
 * Learns.
 *
 * @reference kullback1951
 */
export const learn = Stage.make("toy/learn", {
  module: import.meta.url,
})
`

const clean: Readonly<Record<string, string>> = {
  "docs/design.md": design,
  "package.json": JSON.stringify({ devDependencies: { vitest: "*", effect: "*" } }),
  "references.bib": "@article{kullback1951,\n  year = {1951}\n}\n",
  "packages/arrow/package.json": manifest("arrow", ["apache-arrow"]),
  "packages/arrow/src/index.ts": 'import * as A from "apache-arrow"\nexport const now = () => Date.now() + A.x\n',
  "packages/named/package.json": manifest("named", ["effect"]),
  "packages/stage/package.json": manifest("stage", ["@relent/arrow"]),
  "packages/stage/src/index.ts": 'export * from "@relent/arrow"\n',
  "packages/runtime/package.json": manifest("runtime", ["@relent/stage"]),
  "packages/tensor/package.json": manifest("tensor", ["@tensorflow/tfjs-core"]),
  "packages/tensor/src/index.ts": 'export * from "@tensorflow/tfjs-core"\n',
  "packages/divergence/package.json": manifest("divergence", []),
  "packages/divergence/src/index.ts": "export const kl = (p: number, q: number) => p * Math.log(p / q)\n",
  "packages/nn/package.json": manifest("nn", ["@relent/tensor"]),
  "packages/nn/src/index.ts":
    'import { tf } from "@relent/tensor"\nexport const half = (x: number) => Math.log(x / 2) + Math.log(x) - 1\nexport const at = tf.log(tf.div(tf.x, 3))\nexport const norm = (w: number, s: number) => Math.log(w / (s * Math.sqrt(2 * Math.PI)))\nexport const slope = (d: any, m: number, t: number) => d.link(Math.log(m) - Math.log(t))\n',
  "plugins/other/package.json": manifest("other", []),
  "plugins/other/src/index.ts": "export {}\n",
  "plugins/other/tsconfig.json": "{}",
  "plugins/other/tsconfig.build.json": "{}",
  "plugins/toy/package.json": manifest("toy", ["@relent/stage"]),
  "plugins/toy/README.md": "# toy\n",
  "plugins/toy/tsconfig.json": "{}",
  "plugins/toy/tsconfig.build.json": "{}",
  "plugins/toy/src/index.ts":
    'export const plugin = { stages: { learn: () => import("./learn.ts") }, suites: ["suites/toy.yaml"] }\n',
  "plugins/toy/src/learn.ts": stage,
  "plugins/toy/suites/toy.yaml": "suite: toy\nsource: kullback1951\n",
  "plugins/toy/test/learn.test.ts":
    'import { it } from "vitest"\nimport { readFileSync } from "node:fs"\nimport { learn } from "../src/learn.ts"\nit("fails", () => { throw new Error(String([learn, readFileSync, Math.random()])) })\n',
  "apps/runner/package.json": manifest("runner", ["@relent/toy"]),
  "apps/runner/src/index.ts":
    'import { existsSync } from "node:fs"\nexport * from "@relent/toy"\nexistsSync(process.cwd())\n',
}

/** The repository with these files added, or removed where they are undefined. */
export const repository = (changed: Readonly<Record<string, string | undefined>> = {}) =>
  workspaceOf(
    new Map(
      Object.entries({ ...clean, ...changed }).flatMap(([path, text]) => (text === undefined ? [] : [[path, text]])),
    ),
  )

/** A stage's file with a line before it, which is line 1 of it. */
export const stageWith = (line: string): string => `${line}\n${stage}`
