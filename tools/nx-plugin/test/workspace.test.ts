/** nx in a copy of this workspace: what is affected by what, and what the generators make. */
import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { scratch, type Scratch } from "./scratch.ts"

let copy: Scratch
beforeAll(() => void (copy = scratch()))
afterAll(() => copy.remove())

/** What `git diff --stat` says, however wide. */
const lines = (stat: string) =>
  stat
    .trim()
    .split("\n")
    .map((line) =>
      line
        .trim()
        .replace(/ +\|/, " |")
        .replace(/[ +-]+$/, ""),
    )

it("a plugin is affected by another whose stage its documents name", () => {
  const affected = copy.run("nx", "show", "projects", "--affected", "--files=plugins/datasets/src/mnist.ts")
  expect(affected).toContain("@relent/distillation")
  expect(affected).not.toContain("@relent/stage")
}, 30_000)

it("a plugin with suites has a target that runs them, and depends on what judges them", () => {
  copy.run("nx", "graph", "--file=graph.json")
  const { graph } = JSON.parse(readFileSync(join(copy.root, "graph.json"), "utf8"))
  const of = (name: string) => ({
    suite: graph.nodes[name].data.targets.suite?.cache,
    judged: graph.dependencies[name].filter(({ type }: { type: string }) => type === "implicit").length,
  })
  expect(of("@relent/distillation")).toEqual({ suite: true, judged: 2 })
  expect(of("@relent/stage")).toEqual({ suite: undefined, judged: 0 })
}, 30_000)

// Half a minute of compilers: in CI, and in the long tier.
const thorough = process.env["RELENT_VERIFY"] === "1"
it.runIf(thorough)(
  "a generated plugin and stage typecheck, lint, pass, keep the rules, and are found by the command",
  () => {
    const root = "plugins/markov-chains"
    copy.run("nx", "g", "@relent/nx-plugin:plugin", "markov-chains")
    copy.run("nx", "g", "@relent/nx-plugin:stage", "markov-chains", "stationary-distribution")
    copy.link(root)
    copy.link("apps/runner")
    copy.run("tsc", "-p", `${root}/tsconfig.json`)
    copy.run("tsc", "-p", `${root}/tsconfig.build.json`)
    copy.run("oxlint", root, "apps/runner/src/plugins.ts")
    copy.run("oxfmt", "--check", root, "apps/runner")
    copy.run("node", "tools/checks/src/main.ts")
    expect(copy.run("vitest", "run", "--project", "@relent/markov-chains")).toMatch(/Tests .*4 passed/)
    const stage = copy.run("node", "apps/runner/bin/relent.js", "stages", "markov-chains/stationary-distribution")
    expect(stage).toMatch(/scale +1 +number > 0 +what each value is multiplied by/)
  },
  120_000,
)

it.runIf(thorough)(
  "what docs/adding-a-method.md adds changes what it says, typechecks, lints, passes, and keeps the rules",
  () => {
    const git = (...given: ReadonlyArray<string>) => execFileSync("git", given, { cwd: copy.root, encoding: "utf8" })
    const page = readFileSync(join(copy.root, "docs/adding-a-method.md"), "utf8")
    const [ofLoss, ofStage] = Array.from(page.matchAll(/^```\n((?: .+\n)+)```/gm), ([, stat]) => lines(stat!))
    git("add", "--all")
    const added = () => {
      git("add", "--all", "--intent-to-add")
      return lines(git("diff", "--stat=120", "--", "plugins"))
    }
    for (const [, path, text] of page.matchAll(/^`(plugins\/[^`]+)`.*\n\n```ts\n([\s\S]*?)```/gm))
      writeFileSync(join(copy.root, path!), text!)
    execFileSync("git", ["apply"], { cwd: copy.root, input: /^```diff\n([\s\S]*?)```/m.exec(page)![1]! })
    expect(added()).toEqual(ofLoss)
    copy.run("tsc", "-p", "plugins/distillation/tsconfig.json")
    copy.run("oxlint", "plugins/distillation")
    copy.run("oxfmt", "--check", "plugins/distillation")
    copy.run("node", "tools/checks/src/main.ts")
    const tests = ["--project", "@relent/distillation", "--testTimeout=60000", "test/loss.test", "logit-matching"]
    const tested = copy.run("vitest", "run", ...tests)
    expect(tested).toMatch(/Test Files .*2 passed/)
    git("add", "--all")
    copy.run("nx", "g", "@relent/nx-plugin:stage", "distillation", "soften")
    expect(added()).toEqual(ofStage)
  },
  300_000,
)
