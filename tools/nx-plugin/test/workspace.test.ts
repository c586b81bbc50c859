/** nx in a copy of this workspace: what is affected by what, and what the generators make. */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, beforeAll, expect, it } from "vitest"
import { scratch, type Scratch } from "./scratch.ts"

let copy: Scratch
beforeAll(() => void (copy = scratch()))
afterAll(() => copy.remove())

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
